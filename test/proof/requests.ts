/** Requests that spend: posted, posted again, and what their answers must be to each other. */
import type { ArtworkBody, ProblemBody } from "../support/expect.ts";
import type { Notes, Ordered } from "./notes.ts";
import type { Order } from "./orders.ts";
import type { Action } from "./schedule.ts";
import type { ProofWorld } from "./world.ts";

const HOUR = 3_600_000;
/** A key is remembered for a day; what comes near its end is not asked. */
const SURELY_REMEMBERED = 23 * HOUR;

/** The simulator counts by prompt, so each is told apart. */
function newPrompt(notes: Notes, markers: string): string {
  notes.prompts += 1;
  return `fox ${notes.prompts} ${markers}`.trim();
}

const newKey = (notes: Notes): string => `key ${notes.ordered.length}`;

/** Orders a new artwork, after uploading the image that it is made from. */
export async function generate(world: ProofWorld, notes: Notes, order: Order): Promise<void> {
  const { markers, deadlineSeconds, models = [], variants, isEdit = false, isNamed = false } = order;
  const [model, ...fallbackModels] = models;
  const uploadId = isEdit ? await uploadImage(world, notes) : null;
  if (isEdit && uploadId === null) return;
  await post(world, notes, {
    path: "generate",
    body: {
      prompt: newPrompt(notes, markers),
      deadlineSeconds,
      ...(model === undefined ? {} : { model }),
      ...(fallbackModels.length === 0 ? {} : { fallbackModels }),
      ...(variants === undefined ? {} : { variants }),
      ...(uploadId === null ? {} : { images: [uploadId] }),
    },
    key: isNamed ? newKey(notes) : null,
  });
}

async function uploadImage(world: ProofWorld, notes: Notes): Promise<string | null> {
  const response = await world.upload();
  if (response?.status !== 201) return null;
  const { id } = await response.json<{ id: string }>();
  notes.uploads.push(id);
  return id;
}

/** Asks for the next generation of an artwork; without markers for the same once more. */
export async function regenerate(
  world: ProofWorld,
  notes: Notes,
  { artworkId, markers, isNamed }: { artworkId: string; markers: string | null; isNamed: boolean },
): Promise<void> {
  const body = markers === null ? {} : { prompt: newPrompt(notes, markers) };
  await post(world, notes, { path: `${artworkId}/regenerate`, body, key: isNamed ? newKey(notes) : null });
}

async function post(
  world: ProofWorld,
  notes: Notes,
  asked: Pick<Ordered, "path" | "body" | "key">,
): Promise<void> {
  const ordered: Ordered = { ...asked, postedAt: world.clock.now(), answer: null };
  notes.ordered.push(ordered);
  const response = await send(world, ordered, ordered.body);
  if (response?.status === 202) await takeIn(notes, ordered, response);
}

const send = (
  world: ProofWorld,
  { path, key }: Ordered,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response | null> =>
  world.request("POST", `/api/artworks/${path}`, {
    body,
    headers: { ...headers, ...(key === null ? {} : { "Idempotency-Key": key }) },
  });

/** Everybody who was answered under a key was answered the same, byte for byte. */
async function takeIn(notes: Notes, ordered: Ordered, response: Response): Promise<ArtworkBody> {
  const text = await response.text();
  if (ordered.key !== null) {
    if (ordered.answer !== null && ordered.answer !== text) {
      notes.wrong.push(`${ordered.key} was answered in two ways`);
    }
    const isReplay = response.headers.get("Idempotent-Replayed") === "true";
    if (ordered.answer !== null && isReplay) notes.replayed += 1;
    ordered.answer = text;
  }
  const artwork = JSON.parse(text) as ArtworkBody;
  notes.accepted.set(artwork.generation.id, artwork.id);
  if (!notes.artworks.includes(artwork.id)) notes.artworks.push(artwork.id);
  return artwork;
}

/** Posts an earlier request once more. */
export async function repeat(
  world: ProofWorld,
  notes: Notes,
  { order, how }: Extract<Action, { kind: "repeat" }>,
): Promise<void> {
  const fitting = notes.ordered.filter(({ key, path }) =>
    how === "marked" ? key === null && path === "generate" : key !== null,
  );
  const ordered = fitting[order % Math.max(1, fitting.length)];
  if (ordered === undefined || world.clock.now() - ordered.postedAt > SURELY_REMEMBERED) return;
  if (how === "marked") return await repeatMarked(world, notes, ordered);
  await repeatNamed(world, notes, { ordered, how });
}

async function repeatNamed(
  world: ProofWorld,
  notes: Notes,
  { ordered, how }: { ordered: Ordered; how: "again" | "changed" },
): Promise<void> {
  const known = { answer: ordered.answer, struck: notes.struck };
  const body = how === "changed" ? changed(ordered.body) : ordered.body;
  const response = await send(world, ordered, body);
  if (response?.status !== 202) {
    // Whom a fault struck meanwhile may be told so, or nothing at all; what was accepted stays so.
    if (known.answer === null || known.struck < notes.struck) return;
    const code = response === null ? "nothing" : (await response.json<ProblemBody>()).error.code;
    if (how === "again" || code !== "idempotency_key_reused") {
      notes.wrong.push(`${ordered.key}, ${how}, was answered with ${code}`);
    }
    return;
  }
  if (how === "changed") {
    // Nobody knows whether the first request was recorded; from now on the key is this one's.
    if (ordered.answer !== null) notes.wrong.push(`${ordered.key} was taken for two requests`);
    ordered.body = body;
  }
  await takeIn(notes, ordered, response);
}

const changed = (body: Ordered["body"]) => ({
  ...body,
  title: body["title"] === "another" ? "a third" : "another",
});

async function repeatMarked(world: ProofWorld, notes: Notes, ordered: Ordered): Promise<void> {
  const at = world.clock.now();
  const isAlone = notes.depth === 0;
  const response = await send(world, ordered, ordered.body, { "x-stainless-retry-count": "1" });
  if (response?.status !== 202) return;
  const { generation } = await takeIn(notes, ordered, response);
  if (response.headers.get("Idempotent-Replayed") === "true") notes.replayed += 1;
  // In the midst of the first request nobody can know that it is going to be recorded.
  if (isAlone)
    notes.retries.push({ at, prompt: String(ordered.body["prompt"]), generationId: generation.id });
}
