import type { AccountProblem } from "../../src/simulator/simulator.ts";
import type { ProofWorld } from "./world.ts";

/** A request that spends, and its answer where one arrived. */
export interface SentRequest {
  readonly path: string;
  body: Readonly<Record<string, unknown>>;
  /** Its `Idempotency-Key`. */
  readonly key: string | null;
  readonly postedAt: number;
  /** The accepted answer, once one arrived. */
  answer: string | null;
}

/** A marked retry that was answered with a generation. */
export interface MarkedRetry {
  readonly at: number;
  readonly prompt: string;
  readonly generationId: string;
}

interface AccountProblemPeriod {
  readonly key: string;
  readonly problem: AccountProblem;
  readonly from: number;
  readonly until: number;
}

/** The actions of a play and the answers to them. */
export interface PlayRecord {
  readonly artworks: string[];
  readonly uploads: string[];
  readonly sent: SentRequest[];
  /** The generations that were answered with 202, each with its artwork. */
  readonly accepted: Map<string, string>;
  /** Artworks with a request to cancel or delete, whatever its outcome. */
  readonly askedToEnd: Set<string>;
  /** Artworks and uploads whose deletion was answered with 204. */
  readonly deleted: Set<string>;
  /** Uploads with a request to remove, whatever its outcome. */
  readonly askedToRemove: Set<string>;
  readonly retries: MarkedRetry[];
  readonly accountProblems: AccountProblemPeriod[];
  /** Answers that must not happen. */
  readonly wrong: string[];
  forged: number;
  /** Repeated requests that got the first answer. */
  replayed: number;
  hadDuplicates: boolean;
  prompts: number;
  /** How many faults happened. */
  struck: number;
  /** How many actions run inside other actions. */
  depth: number;
  /** The play is over: faults that are left start no further action. */
  isOver: boolean;
}

export const createPlayRecord = (): PlayRecord => ({
  artworks: [],
  uploads: [],
  sent: [],
  accepted: new Map(),
  askedToEnd: new Set(),
  deleted: new Set(),
  askedToRemove: new Set(),
  retries: [],
  accountProblems: [],
  wrong: [],
  forged: 0,
  replayed: 0,
  hadDuplicates: false,
  prompts: 0,
  struck: 0,
  depth: 0,
  isOver: false,
});

/** A finished play. */
export type Played = Readonly<PlayRecord> & { readonly world: ProofWorld };
