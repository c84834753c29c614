import type { AccountProblem } from "../../src/simulator/simulator.ts";
import type { ProofWorld } from "./world.ts";

/** A request that spends, and what is known of its answer. */
export interface Ordered {
  readonly path: string;
  body: Readonly<Record<string, unknown>>;
  /** Its `Idempotency-Key`. */
  readonly key: string | null;
  readonly postedAt: number;
  /** The accepted answer, once somebody has seen it. */
  answer: string | null;
}

/** A repetition that its client marked, answered with a generation. */
export interface MarkedRetry {
  readonly at: number;
  readonly prompt: string;
  readonly generationId: string;
}

interface Trouble {
  readonly key: string;
  readonly trouble: AccountProblem;
  readonly from: number;
  readonly until: number;
}

/** What a play remembers of what it did and was told. */
export interface Notes {
  readonly artworks: string[];
  readonly uploads: string[];
  readonly ordered: Ordered[];
  /** The generations that were answered with 202, each with its artwork. */
  readonly accepted: Map<string, string>;
  /** Artworks that somebody asked to cancel or to delete, whatever came of it. */
  readonly askedToEnd: Set<string>;
  /** Artworks and uploads whose deletion was answered with 204. */
  readonly deleted: Set<string>;
  /** Uploads that somebody asked to remove, whatever came of it. */
  readonly askedToRemove: Set<string>;
  readonly retries: MarkedRetry[];
  readonly troubles: Trouble[];
  /** What a stranger or a request achieved that it must not. */
  readonly wrong: string[];
  forged: number;
  /** Repetitions that were answered as one. */
  replayed: number;
  hadDuplicates: boolean;
  prompts: number;
  /** How many faults came true. */
  struck: number;
  /** How many actions are under way inside of others. */
  depth: number;
  /** The play is over: what a fault would still bring in between is left out. */
  isOver: boolean;
}

export const createNotes = (): Notes => ({
  artworks: [],
  uploads: [],
  ordered: [],
  accepted: new Map(),
  askedToEnd: new Set(),
  deleted: new Set(),
  askedToRemove: new Set(),
  retries: [],
  troubles: [],
  wrong: [],
  forged: 0,
  replayed: 0,
  hadDuplicates: false,
  prompts: 0,
  struck: 0,
  depth: 0,
  isOver: false,
});

/** A play that has come to its end. */
export type Played = Readonly<Notes> & { readonly world: ProofWorld };
