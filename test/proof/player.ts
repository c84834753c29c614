/** Plays a schedule in a world of its own, to the end of every deadline, and remembers what was promised to whom. */
import type { GenerationBody } from "../support/expect.ts";
import type { Fault } from "./fault.ts";
import { createNotes } from "./notes.ts";
import type { Notes, Played } from "./notes.ts";
import type { Phase } from "./process.ts";
import { generate, regenerate, repeat } from "./requests.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createProofWorld } from "./world.ts";
import type { ProofWorld } from "./world.ts";

const HOUR = 3_600_000;
/** Past every deadline, late look, retry of a callback and the time for which copying is tried. */
const TO_THE_END = 72 * HOUR;

export interface Witness {
  readonly reached: (point: string, phase: Phase) => void;
  readonly struck: (fault: Fault, point: string) => void;
}

export async function play(schedule: Schedule, witness: Witness): Promise<Played> {
  const notes = createNotes();
  const { faults, order, keys } = schedule;
  const world: ProofWorld = createProofWorld({
    reached: witness.reached,
    struck: (fault, point) => {
      notes.struck += 1;
      witness.struck(fault, point);
    },
    faults,
    order,
    keys,
    perform: async (action) => {
      if (notes.isOver) return;
      notes.depth += 1;
      await perform(world, notes, action);
      notes.depth -= 1;
    },
  });
  for (const action of schedule.actions) await perform(world, notes, action);
  await world.pass(TO_THE_END);
  notes.isOver = true;
  for (const artworkId of notes.artworks) await readTwice(world, notes, artworkId);
  return { ...notes, world };
}

async function perform(world: ProofWorld, notes: Notes, action: Action): Promise<void> {
  switch (action.kind) {
    case "generate":
      return await generate(world, notes, action.order);
    case "repeat":
      return await repeat(world, notes, action);
    case "sweep":
      return await world.sweep();
    case "pass":
      return await world.pass(action.seconds * 1_000);
    case "outage":
      return await world.outage(action.seconds * 1_000);
    case "forge":
      return await forge(world, notes, action);
    case "resend":
      return await resend(world, action.task);
    case "trouble":
      return begin(world, notes, action);
    case "remove upload":
      return await removeUpload(world, notes, action.upload);
    default: {
      const artworkId = notes.artworks[action.artwork % Math.max(1, notes.artworks.length)];
      if (artworkId !== undefined) await performOn(world, notes, { ...action, artworkId });
    }
  }
}

type OnArtwork = Extract<Action, { artwork: number }> & { readonly artworkId: string };

async function performOn(world: ProofWorld, notes: Notes, action: OnArtwork): Promise<void> {
  const path = `/api/artworks/${action.artworkId}`;
  switch (action.kind) {
    case "regenerate":
      return await regenerate(world, notes, action);
    case "cancel":
      notes.askedToEnd.add(action.artworkId);
      return void (await world.request("POST", `${path}/cancel`));
    case "delete": {
      notes.askedToEnd.add(action.artworkId);
      const response = await world.request("DELETE", path);
      if (response?.status === 204) notes.deleted.add(action.artworkId);
      return;
    }
    case "status":
      return void (await world.request("GET", `${path}/generation-status`));
    case "wake":
      return world.wake(action.artworkId);
    case "duplicate":
      notes.hadDuplicates = true;
      return await world.runActor(action.artworkId);
  }
}

/** An provider account gets into trouble, and out of it by itself. */
function begin(
  world: ProofWorld,
  notes: Notes,
  { account, trouble, seconds }: Extract<Action, { kind: "trouble" }>,
): void {
  const key = world.keys[account % world.keys.length] ?? "";
  const from = world.clock.now();
  notes.troubles.push({ key, trouble, from, until: from + seconds * 1_000 });
  world.simulator.setAccountProblem(key, trouble);
  world.clock.schedule(seconds * 1_000, async () => {
    const now = world.clock.now();
    if (notes.troubles.every((other) => other.key !== key || other.until <= now)) {
      world.simulator.setAccountProblem(key, null);
    }
  });
}

async function removeUpload(world: ProofWorld, notes: Notes, upload: number): Promise<void> {
  const id = notes.uploads[upload % Math.max(1, notes.uploads.length)];
  if (id === undefined) return;
  notes.askedToRemove.add(id);
  const response = await world.request("DELETE", `/api/uploads/${id}`);
  if (response?.status === 204) notes.deleted.add(id);
}

/** A stranger knows an id at most, never its token. */
async function forge(
  world: ProofWorld,
  notes: Notes,
  { task, token }: Extract<Action, { kind: "forge" }>,
): Promise<void> {
  const urls = world.simulator.tasks.map((made) => new URL(String(made.body["callBackUrl"])));
  const target = urls[task % Math.max(1, urls.length)];
  if (target === undefined) return;
  const generation = target.searchParams.get("generation") ?? "";
  const other = urls.find((url) => url.searchParams.get("generation") !== generation);
  const tokens = {
    none: "",
    wrong: "0".repeat(26),
    "of another": other?.searchParams.get("token") ?? "1".repeat(26),
  };
  notes.forged += 1;
  const path = `/api/kie/kie-callback?generation=${generation}&token=${tokens[token]}`;
  const body = { code: 200, data: { taskId: "a-strangers" } };
  const response = await world.request("POST", path, { body, credentials: null });
  if (response !== null && ![404, 500].includes(response.status)) {
    notes.wrong.push(`a forged callback was answered with ${response.status}`);
  }
}

/** The second answer comes from the cache where the first one was put there. */
async function readTwice(world: ProofWorld, notes: Notes, artworkId: string): Promise<void> {
  const read = async () => {
    const response = await world.request("GET", `/api/artworks/${artworkId}/generation-status`);
    return response?.status === 200 ? await response.json<GenerationBody>() : null;
  };
  const answers = [await read(), await read()].filter((answer) => answer !== null);
  if (answers.some(({ terminal }) => !terminal)) notes.wrong.push(`${artworkId} reads as still running`);
  if (answers.some(({ status, outputs }) => (status === "completed") !== outputs.length > 0)) {
    notes.wrong.push(`${artworkId} reads as ended without its outputs, or the other way round`);
  }
}

async function resend(world: ProofWorld, task: number): Promise<void> {
  const made = world.simulator.tasks;
  const { id } = made[task % Math.max(1, made.length)] ?? {};
  if (id === undefined) return;
  const url = `http://127.0.0.1:8799/__simulator/tasks/${id}/callback`;
  await world.simulator.fetch(new Request(url, { method: "POST" }));
}
