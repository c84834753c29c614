import type { Family, Subject } from "./families/family.ts";

/** One callback that was due. "not reachable": the address is not loopback, so nothing was sent. "no answer": it was sent, in vain. */
export interface SentCallback {
  readonly at: number;
  readonly url: string;
  readonly status: number | "not reachable" | "no answer";
  readonly body: Readonly<Record<string, unknown>>;
}

/** A task: what was ordered, which never changes, and the few counts that its scenarios need. */
export interface Task extends Subject {
  /** Which create call of all it came of, from 1. */
  readonly call: number;
  readonly family: Family;
  /** The account that pays and that alone may read it. */
  readonly key: string;
  /** Which task of this very prompt and model it is, from 1: a repeated prompt gets another image. */
  readonly edition: number;
  readonly callbacks: SentCallback[];
  /** Hex digests of the results' bytes, by index. Empty when it fails. */
  sha256: readonly string[];
  readsOfStatus: number;
  /** Fetches of each result, by index. */
  readonly fetches: Map<number, number>;
  /** A 403 ends a link; the next status read hands out the next edition. */
  linkEdition: number;
  linkRefused: boolean;
}
