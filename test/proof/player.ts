/** Plays a schedule in a world of its own, to the end of every deadline, and remembers what was promised to whom. */
import type { ArtworkBody, GenerationBody } from "../expect.ts";
import type { Fault } from "./fault.ts";
import type { Phase } from "./process.ts";
import type { Action, Schedule } from "./schedule.ts";
import { createProofWorld } from "./world.ts";
import type { ProofWorld } from "./world.ts";

const HOUR = 3_600_000;
/** Past every deadline, late look, retry of a callback and the time for which copying is tried. */
const TO_THE_END = 72 * HOUR;

/** What a play has seen from outside. */
export interface Played {
  readonly world: ProofWorld;
  /** Ids of the generations that were answered with 202. */
  readonly accepted: ReadonlySet<string>;
  /** Artworks that somebody asked to cancel or to delete, whatever came of it. */
  readonly askedToEnd: ReadonlySet<string>;
  /** Artworks whose deletion was answered with 204. */
  readonly deleted: ReadonlySet<string>;
  readonly hadTwins: boolean;
  /** How many faults came true. */
  readonly struck: number;
  readonly forged: number;
  /** What a stranger or a request achieved that it must not. */
  readonly wrong: readonly string[];
}

export interface Witness {
  readonly reached: (point: string, phase: Phase) => void;
  readonly struck: (fault: Fault, point: string) => void;
}

type Notes = {
  artworks: string[];
  accepted: Set<string>;
  askedToEnd: Set<string>;
  deleted: Set<string>;
  wrong: string[];
  forged: number;
  hadTwins: boolean;
  prompts: number;
  /** The play is over: what a fault would still bring in between is left out. */
  isOver: boolean;
};

export async function play(schedule: Schedule, witness: Witness): Promise<Played> {
  const notes: Notes = {
    artworks: [],
    accepted: new Set(),
    askedToEnd: new Set(),
    deleted: new Set(),
    wrong: [],
    forged: 0,
    hadTwins: false,
    prompts: 0,
    isOver: false,
  };
  let struck = 0;
  const world: ProofWorld = createProofWorld({
    reached: witness.reached,
    struck: (fault, point) => {
      struck += 1;
      witness.struck(fault, point);
    },
    faults: schedule.faults,
    order: schedule.order,
    perform: async (action) => (notes.isOver ? undefined : await perform(world, notes, action)),
  });
  for (const action of schedule.actions) await perform(world, notes, action);
  await world.pass(TO_THE_END);
  notes.isOver = true;
  for (const artworkId of notes.artworks) await readTwice(world, notes, artworkId);
  return { world, ...notes, struck };
}

async function perform(world: ProofWorld, notes: Notes, action: Action): Promise<void> {
  switch (action.kind) {
    case "generate": {
      const { markers, deadlineSeconds } = action;
      return await order(world, notes, "generate", { prompt: newPrompt(notes, markers), deadlineSeconds });
    }
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
    case "regenerate": {
      const body = action.markers === null ? {} : { prompt: newPrompt(notes, action.markers) };
      return await order(world, notes, `${action.artworkId}/regenerate`, body);
    }
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
    case "kick":
      return world.kick(action.artworkId);
    case "twin":
      notes.hadTwins = true;
      return await world.wake(action.artworkId);
  }
}

/** The simulator counts by prompt, so each is told apart. */
function newPrompt(notes: Notes, markers: string): string {
  notes.prompts += 1;
  return `fox ${notes.prompts} ${markers}`.trim();
}

async function order(world: ProofWorld, notes: Notes, path: string, body: object): Promise<void> {
  const response = await world.request("POST", `/api/artworks/${path}`, body);
  if (response?.status !== 202) return;
  const artwork = await response.json<ArtworkBody>();
  notes.accepted.add(artwork.generation.id);
  if (!notes.artworks.includes(artwork.id)) notes.artworks.push(artwork.id);
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
  const response = await world.request("POST", path, { code: 200, data: { taskId: "a-strangers" } }, null);
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
