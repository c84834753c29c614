/** Requests that spend: sends and repeats them, and compares their answers. */
import type { ArtworkBody, ProblemBody } from "../support/expect.ts";
import type { PlayRecord, SentRequest } from "./play-record.ts";
import type { GenerationRequest } from "./generation-requests.ts";
import type { Action } from "./schedule.ts";
import type { ProofWorld } from "./world.ts";

const HOUR = 3_600_000;
/** The API keeps a key for a day; the proof repeats no request near that limit. */
const SURELY_REMEMBERED = 23 * HOUR;

/** The simulator counts by prompt, so every prompt is unique. */
function newPrompt(record: PlayRecord, markers: string): string {
  record.prompts += 1;
  return `fox ${record.prompts} ${markers}`.trim();
}

const newKey = (record: PlayRecord): string => `key ${record.sent.length}`;

/** Requests a new artwork; an edit uploads its image first. */
export async function generate(
  world: ProofWorld,
  record: PlayRecord,
  request: GenerationRequest,
): Promise<void> {
  const { markers, deadlineSeconds, models = [], variants, isEdit = false, isNamed = false } = request;
  const [model, ...fallbackModels] = models;
  const uploadId = isEdit ? await uploadImage(world, record) : null;
  if (isEdit && uploadId === null) return;
  await post(world, record, {
    path: "generate",
    body: {
      prompt: newPrompt(record, markers),
      deadlineSeconds,
      ...(model === undefined ? {} : { model }),
      ...(fallbackModels.length === 0 ? {} : { fallbackModels }),
      ...(variants === undefined ? {} : { variants }),
      ...(uploadId === null ? {} : { images: [uploadId] }),
    },
    key: isNamed ? newKey(record) : null,
  });
}

async function uploadImage(world: ProofWorld, record: PlayRecord): Promise<string | null> {
  const response = await world.upload();
  if (response?.status !== 201) return null;
  const { id } = await response.json<{ id: string }>();
  record.uploads.push(id);
  return id;
}

/** Requests the next generation of an artwork; without markers it repeats the last one. */
export async function regenerate(
  world: ProofWorld,
  record: PlayRecord,
  { artworkId, markers, isNamed }: { artworkId: string; markers: string | null; isNamed: boolean },
): Promise<void> {
  const body = markers === null ? {} : { prompt: newPrompt(record, markers) };
  await post(world, record, { path: `${artworkId}/regenerate`, body, key: isNamed ? newKey(record) : null });
}

async function post(
  world: ProofWorld,
  record: PlayRecord,
  request: Pick<SentRequest, "path" | "body" | "key">,
): Promise<void> {
  const sent: SentRequest = { ...request, postedAt: world.clock.now(), answer: null };
  record.sent.push(sent);
  const response = await send(world, sent, sent.body);
  if (response?.status === 202) await recordAnswer(record, sent, response);
}

const send = (
  world: ProofWorld,
  { path, key }: SentRequest,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response | null> =>
  world.request("POST", `/api/artworks/${path}`, {
    body,
    headers: { ...headers, ...(key === null ? {} : { "Idempotency-Key": key }) },
  });

/** Records an answer. All answers under one key must be equal, byte for byte. */
async function recordAnswer(record: PlayRecord, sent: SentRequest, response: Response): Promise<ArtworkBody> {
  const text = await response.text();
  if (sent.key !== null) {
    if (sent.answer !== null && sent.answer !== text) {
      record.wrong.push(`${sent.key} was answered in two ways`);
    }
    const isReplay = response.headers.get("Idempotent-Replayed") === "true";
    if (sent.answer !== null && isReplay) record.replayed += 1;
    sent.answer = text;
  }
  const artwork = JSON.parse(text) as ArtworkBody;
  record.accepted.set(artwork.generation.id, artwork.id);
  if (!record.artworks.includes(artwork.id)) record.artworks.push(artwork.id);
  return artwork;
}

/** Posts an earlier request once more. */
export async function repeat(
  world: ProofWorld,
  record: PlayRecord,
  { request, how }: Extract<Action, { kind: "repeat" }>,
): Promise<void> {
  const fitting = record.sent.filter(({ key, path }) =>
    how === "marked" ? key === null && path === "generate" : key !== null,
  );
  const sent = fitting[request % Math.max(1, fitting.length)];
  if (sent === undefined || world.clock.now() - sent.postedAt > SURELY_REMEMBERED) return;
  if (how === "marked") return await repeatMarked(world, record, sent);
  await repeatNamed(world, record, { sent, how });
}

async function repeatNamed(
  world: ProofWorld,
  record: PlayRecord,
  { sent, how }: { sent: SentRequest; how: "again" | "changed" },
): Promise<void> {
  const known = { answer: sent.answer, struck: record.struck };
  const body = how === "changed" ? changed(sent.body) : sent.body;
  const response = await send(world, sent, body);
  if (response?.status !== 202) {
    // After a fault the answer may be an error or missing; an accepted request stays accepted.
    if (known.answer === null || known.struck < record.struck) return;
    const code = response === null ? "nothing" : (await response.json<ProblemBody>()).error.code;
    if (how === "again" || code !== "idempotency_key_reused") {
      record.wrong.push(`${sent.key}, ${how}, was answered with ${code}`);
    }
    return;
  }
  if (how === "changed") {
    // The first request may not have been recorded; from now on the key belongs to this one.
    if (sent.answer !== null) record.wrong.push(`${sent.key} was taken for two requests`);
    sent.body = body;
  }
  await recordAnswer(record, sent, response);
}

const changed = (body: SentRequest["body"]) => ({
  ...body,
  title: body["title"] === "another" ? "a third" : "another",
});

async function repeatMarked(world: ProofWorld, record: PlayRecord, sent: SentRequest): Promise<void> {
  const at = world.clock.now();
  const isAlone = record.depth === 0;
  const response = await send(world, sent, sent.body, { "x-stainless-retry-count": "1" });
  if (response?.status !== 202) return;
  const { generation } = await recordAnswer(record, sent, response);
  if (response.headers.get("Idempotent-Replayed") === "true") record.replayed += 1;
  // While the first request is still running, its record does not exist yet.
  if (isAlone) record.retries.push({ at, prompt: String(sent.body["prompt"]), generationId: generation.id });
}
