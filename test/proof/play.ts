/** Plays a schedule in its own world, past every deadline, and records each answer. */
import type { GenerationBody } from "../support/expect.ts";
import type { Fault } from "./fault.ts";
import { createPlayRecord } from "./play-record.ts";
import type { PlayRecord, Played } from "./play-record.ts";
import type { Phase } from "./process.ts";
import { generate, regenerate, repeat } from "./requests.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createProofWorld } from "./world.ts";
import type { ProofWorld } from "./world.ts";

const HOUR = 3_600_000;
/** Past every deadline, late poll, callback retry and copy retry. */
const TO_THE_END = 72 * HOUR;

export interface Witness {
  readonly reached: (point: string, phase: Phase) => void;
  readonly struck: (fault: Fault, point: string) => void;
}

export async function play(schedule: Schedule, witness: Witness): Promise<Played> {
  const record = createPlayRecord();
  const { faults, order, keys } = schedule;
  const world: ProofWorld = createProofWorld({
    reached: witness.reached,
    struck: (fault, point) => {
      record.struck += 1;
      witness.struck(fault, point);
    },
    faults,
    order,
    keys,
    perform: async (action) => {
      if (record.isOver) return;
      record.depth += 1;
      await perform(world, record, action);
      record.depth -= 1;
    },
  });
  for (const action of schedule.actions) await perform(world, record, action);
  await world.pass(TO_THE_END);
  record.isOver = true;
  for (const artworkId of record.artworks) await readTwice(world, record, artworkId);
  return { ...record, world };
}

async function perform(world: ProofWorld, record: PlayRecord, action: Action): Promise<void> {
  switch (action.kind) {
    case "generate":
      return await generate(world, record, action.request);
    case "repeat":
      return await repeat(world, record, action);
    case "sweep":
      return await world.sweep();
    case "pass":
      return await world.pass(action.seconds * 1_000);
    case "outage":
      return await world.outage(action.seconds * 1_000);
    case "forge":
      return await forge(world, record, action);
    case "resend":
      return await resend(world, action.task);
    case "account problem":
      return beginProblem(world, record, action);
    case "remove upload":
      return await removeUpload(world, record, action.upload);
    default: {
      const artworkId = record.artworks[action.artwork % Math.max(1, record.artworks.length)];
      if (artworkId !== undefined) await performOn(world, record, { ...action, artworkId });
    }
  }
}

type OnArtwork = Extract<Action, { artwork: number }> & { readonly artworkId: string };

async function performOn(world: ProofWorld, record: PlayRecord, action: OnArtwork): Promise<void> {
  const path = `/api/artworks/${action.artworkId}`;
  switch (action.kind) {
    case "regenerate":
      return await regenerate(world, record, action);
    case "cancel":
      record.askedToEnd.add(action.artworkId);
      return void (await world.request("POST", `${path}/cancel`));
    case "delete": {
      record.askedToEnd.add(action.artworkId);
      const response = await world.request("DELETE", path);
      if (response?.status === 204) record.deleted.add(action.artworkId);
      return;
    }
    case "status":
      return void (await world.request("GET", `${path}/generation-status`));
    case "wake":
      return world.wake(action.artworkId);
    case "duplicate":
      record.hadDuplicates = true;
      return await world.runActor(action.artworkId);
  }
}

/** Starts a problem of a provider account, which ends by itself. */
function beginProblem(
  world: ProofWorld,
  record: PlayRecord,
  { account, problem, seconds }: Extract<Action, { kind: "account problem" }>,
): void {
  const key = world.keys[account % world.keys.length] ?? "";
  const from = world.clock.now();
  record.accountProblems.push({ key, problem, from, until: from + seconds * 1_000 });
  world.simulator.setAccountProblem(key, problem);
  world.clock.schedule(seconds * 1_000, async () => {
    const now = world.clock.now();
    if (record.accountProblems.every((other) => other.key !== key || other.until <= now)) {
      world.simulator.setAccountProblem(key, null);
    }
  });
}

async function removeUpload(world: ProofWorld, record: PlayRecord, upload: number): Promise<void> {
  const id = record.uploads[upload % Math.max(1, record.uploads.length)];
  if (id === undefined) return;
  record.askedToRemove.add(id);
  const response = await world.request("DELETE", `/api/uploads/${id}`);
  if (response?.status === 204) record.deleted.add(id);
}

/** Posts a callback as a stranger, who may know an id and never its token. */
async function forge(
  world: ProofWorld,
  record: PlayRecord,
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
  record.forged += 1;
  const path = `/api/kie/kie-callback?generation=${generation}&token=${tokens[token]}`;
  const body = { code: 200, data: { taskId: "a-strangers" } };
  const response = await world.request("POST", path, { body, credentials: null });
  if (response !== null && ![404, 500].includes(response.status)) {
    record.wrong.push(`a forged callback was answered with ${response.status}`);
  }
}

/** Reads the status twice: the second answer may come from the cache. */
async function readTwice(world: ProofWorld, record: PlayRecord, artworkId: string): Promise<void> {
  const read = async () => {
    const response = await world.request("GET", `/api/artworks/${artworkId}/generation-status`);
    return response?.status === 200 ? await response.json<GenerationBody>() : null;
  };
  const answers = [await read(), await read()].filter((answer) => answer !== null);
  if (answers.some(({ terminal }) => !terminal)) record.wrong.push(`${artworkId} reads as still running`);
  if (answers.some(({ status, outputs }) => (status === "completed") !== outputs.length > 0)) {
    record.wrong.push(`${artworkId} reads as completed without outputs, or with outputs and not completed`);
  }
}

async function resend(world: ProofWorld, task: number): Promise<void> {
  const made = world.simulator.tasks;
  const { id } = made[task % Math.max(1, made.length)] ?? {};
  if (id === undefined) return;
  const url = `http://127.0.0.1:8799/__simulator/tasks/${id}/callback`;
  await world.simulator.fetch(new Request(url, { method: "POST" }));
}
