import type { CredentialFailure } from "../failure.ts";
import type { StartLimits } from "./provider.ts";

export interface SlotRequest {
  readonly generationId: string;
  readonly artworkId: string;
  readonly owner: string;
  /** After this time the generation neither holds nor waits for a start. */
  readonly deadlineAt: number;
  readonly limits: StartLimits;
}

/** The answer to a request for a start with one credential. */
export type SlotAnswer =
  /** `pollDelay`: milliseconds by which the first poll is delayed, so that polls do not come all at once. */
  | { readonly state: "granted"; readonly pollDelay: number }
  /** `ahead`: length of the queue. `isInLine`: the request is in it, and its artwork is woken in its turn. */
  | { readonly state: "waiting"; readonly isInLine: boolean; readonly ahead: number }
  | { readonly state: "set_aside"; readonly code: CredentialFailure };

/** The start slots of each credential. Every call may be repeated; any may throw. */
export interface StartSlots {
  /** Asks for the right to make a create call now; with `mayWait`, else for a place in line. */
  readonly ask: (key: string, request: SlotRequest, mayWait: boolean) => Promise<SlotAnswer>;
  /** Frees what a generation has or waits for. */
  readonly release: (key: string, generationId: string) => Promise<void>;
  /** Puts a request first again: the provider dropped its create for coming too soon. */
  readonly requeueFirst: (key: string, request: SlotRequest) => Promise<void>;
  /** Disables a credential that the provider refused, with this generation's create, until a check succeeds. */
  readonly disable: (key: string, code: CredentialFailure, generationId: string) => Promise<void>;
}
