/** Takes and releases the right to start a generation. */
import { describeError } from "../../lib/log.ts";
import { notConfigured, reasonAmong } from "../failure.ts";
import type { Failure, CredentialFailure } from "../failure.ts";
import * as schedule from "./retry-times.ts";
import type { Deps } from "../deps.ts";
import type { Listener } from "../ports/changes.ts";
import type { SlotAnswer, SlotRequest } from "../ports/start-slots.ts";
import { isTerminal } from "../status.ts";
import type { GenerationRow } from "../rows.ts";

export type Slot =
  | { readonly state: "granted"; readonly key: string; readonly pollDelay: number }
  /** `key` is the one it is in line for; null when none could be asked. */
  | { readonly state: "waiting"; readonly key: string | null; readonly nextRequestAt: number }
  | { readonly state: "no_key"; readonly failure: Failure };

interface Answered {
  readonly key: string;
  /** Null: the slots object did not answer. */
  readonly answer: SlotAnswer | null;
}

/**
 * Asks one key after the other, in turn, for a start at once; gets in the shortest line when none has one. The
 * row's due time is the net under the line, so nothing waits for ever for a slots object that is down.
 */
export async function takeSlot(deps: Deps, row: GenerationRow): Promise<Slot> {
  const answers = await requestInTurn(deps, row, await credentialsInTurn(deps, row));
  const last = answers.at(-1);
  if (last?.answer?.state !== "granted") return await waitInLine(deps, row, answers);
  if (row.credentialId !== null && row.credentialId !== last.key)
    await releaseSlot(deps, row, row.credentialId);
  return { ...last.answer, key: last.key };
}

/** Answers as far as the first key that grants. */
async function requestInTurn(deps: Deps, row: GenerationRow, keys: readonly string[]): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const key of keys) {
    // oxlint-disable-next-line no-await-in-loop -- the next key is asked only when this one has nothing
    const answer = await ask(deps, key, { row, mayWait: keys.length === 1 });
    answers.push({ key, answer });
    if (answer?.state === "granted") return answers;
  }
  return answers;
}

/** The key in whose line it is already; then the others, beginning with one that differs by generation: the last character of its id is random. */
async function credentialsInTurn(deps: Deps, row: GenerationRow): Promise<string[]> {
  const keys = await deps.providers.of(row.protocol).credentialIds();
  const start = (row.id.codePointAt(row.id.length - 1) ?? 0) % Math.max(1, keys.length);
  const inTurn = [...keys.slice(start), ...keys.slice(0, start)];
  return inTurn.toSorted(
    (one, other) => Number(other === row.credentialId) - Number(one === row.credentialId),
  );
}

async function waitInLine(deps: Deps, row: GenerationRow, answers: readonly Answered[]): Promise<Slot> {
  const lines = answers.flatMap(({ key, answer }) =>
    answer?.state === "waiting" ? [{ key, ...answer }] : [],
  );
  const [shortest] = lines.toSorted((one, other) => one.ahead - other.ahead);
  const line = lines.find(({ isInLine }) => isInLine) ?? shortest;
  if (line === undefined) return nowhere(deps, row, answers);
  const answer = line.isInLine ? line : await ask(deps, line.key, { row, mayWait: true });
  if (answer?.state === "granted") return { ...answer, key: line.key };
  return {
    state: "waiting",
    key: line.key,
    nextRequestAt: schedule.nextSlotRequestAt(line.ahead, deps.now()),
  };
}

/** No credential has a queue: each is disabled, or did not answer and is asked again soon. */
function nowhere(deps: Deps, row: GenerationRow, answers: readonly Answered[]): Slot {
  if (answers.length === 0) return { state: "no_key", failure: notConfigured };
  const codes = answers.flatMap(({ answer }) => (answer?.state === "set_aside" ? [answer.code] : []));
  return codes.length < answers.length
    ? { state: "waiting", key: null, nextRequestAt: schedule.afterSlotErrorAt(deps.now()) }
    : { state: "no_key", failure: deps.providers.of(row.protocol).explain(reasonAmong(codes)) };
}

const requestOf = (deps: Deps, row: GenerationRow): SlotRequest => ({
  generationId: row.id,
  artworkId: row.artworkId,
  owner: row.owner,
  deadlineAt: row.deadlineAt,
  limits: deps.providers.of(row.protocol).limits,
});

async function ask(
  deps: Deps,
  key: string,
  { row, mayWait }: { row: GenerationRow; mayWait: boolean },
): Promise<SlotAnswer | null> {
  return await safely(deps, key, () => deps.startSlots.ask(key, requestOf(deps, row), mayWait));
}

/** Frees a start that was not used, or that came to nothing. */
export const releaseSlot = (deps: Deps, row: GenerationRow, key: string): Promise<unknown> =>
  safely(deps, key, () => deps.startSlots.release(key, row.id));

/** The provider dropped the start for coming too soon: the credential rests for a window, then this one is first. */
export const requeueFirst = (deps: Deps, row: GenerationRow, key: string): Promise<unknown> =>
  safely(deps, key, () => deps.startSlots.requeueFirst(key, requestOf(deps, row)));

/** Disables the credential that the provider refused. Returns whether another one is configured. */
export async function disableCredential(
  deps: Deps,
  row: GenerationRow,
  refused: { readonly key: string; readonly code: CredentialFailure },
): Promise<boolean> {
  const { key, code } = refused;
  await safely(deps, key, () => deps.startSlots.disable(key, code, row.id));
  return (await deps.providers.of(row.protocol).credentialIds()).some((other) => other !== key);
}

/** A slots object that is down costs time and nothing else: entries expire, and due times bring everybody back. */
async function safely<Value>(deps: Deps, key: string, call: () => Promise<Value>): Promise<Value | null> {
  try {
    return await call();
  } catch (error) {
    deps.log.error("slots.unreachable", { key, ...describeError(error) });
    return null;
  }
}

/** Releases a generation's start when the provider is done with its job, or when it needs no start any more. */
export const freeSlots = (slots: Pick<Deps["startSlots"], "release">): Listener => ({
  name: "slots",
  onChange: async ({ generation }) => {
    if (generation?.credentialId == null) return;
    const { id, credentialId, status } = generation;
    if (status === "storing" || isTerminal(status)) await slots.release(credentialId, id);
  },
});
