/**
 * Copies the results of a generation into the bucket, each output on its own. Claim, act, record: a try is on record
 * before it begins, so a copy that a dead process has finished is found instead of fetched again, and a file that kills
 * every process is given up.
 */
import { publishGeneration } from "../generations/publish.ts";
import { failure, lossReason } from "../failure.ts";
import type { Failure } from "../failure.ts";
import * as schedule from "./schedule.ts";
import type { CopyProblem, CopyResult } from "../ports/media-store.ts";
import type { Deps } from "../deps.ts";
import type { TaskReport } from "../ports/provider.ts";
import { findGeneration, outputsOf } from "../generations/queries.ts";
import { isOpen, updateOutput } from "../generations/outputs.ts";
import { removeOutputs } from "../artworks/removal.ts";
import { updateGeneration, transition } from "../generations/transitions.ts";
import type { GenerationRow, OutputRow } from "../rows.ts";

/** A Worker has six connections at a time and a copy takes two. */
const COPIES_AT_ONCE = 3;
/**
 * How many tries in a row may have a problem. Each problem has its own count, so that a bucket that was down does not use up
 * the tries for a dead link. Five tries with their pauses take 81 seconds.
 */
const MOST_TRIES: Readonly<Record<CopyProblem, number>> = {
  forbidden: 1,
  /** It came whole; the last try has a fresh link. */
  unusable: 4,
  /** The last try has a fresh link. */
  cut_short: 5,
  /** Each try has a link read anew. */
  gone: 5,
  /** It may pass: as long as there is time. */
  transient: Infinity,
};

/** The problem of an output whose copies were interrupted too often. */
const INTERRUPTED = "interrupted";
/** Tries that did not end: the file itself may kill the process. With their pauses they take forty minutes. */
const INTERRUPTED_TRIES = 12;

/** Where an artwork's bytes live: `artworks/<artwork>/<number>/<position>` plus `.<extension>`. */
const keyPrefix = (row: GenerationRow): string => `artworks/${row.artworkId}/${row.number}/`;
export const objectKey = (row: GenerationRow, output: Pick<OutputRow, "position">): string =>
  `${keyPrefix(row)}${output.position}`;

/** Removes a generation's copies that are not wanted: bytes, then rows. */
export async function removeCopies(deps: Deps, row: GenerationRow): Promise<void> {
  await deps.mediaStore.remove(keyPrefix(row));
  await removeOutputs(deps, row);
}

/** Copies what is due, then ends the generation or says when to go on. */
export async function storeOutputs(deps: Deps, row: GenerationRow): Promise<void> {
  const all = await outputsOf(deps, [row.id]);
  const due = all.filter((output) => isOpen(output) && output.dueAt <= deps.now());
  // All of them, whatever becomes of one: a copy that outlives its step would meet the next one under the same key.
  const copies = await Promise.allSettled(
    due.slice(0, COPIES_AT_ONCE).map((output) => storeOutput(deps, row, output)),
  );
  const failed = copies.find((copy) => copy.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  await conclude(deps, row);
}

async function storeOutput(deps: Deps, row: GenerationRow, output: OutputRow): Promise<void> {
  const giveUp = async () => void (await updateOutput(deps, output, { state: "lost", problem: INTERRUPTED }));
  const { state, problem, problemTries, sourceUrl, isInline } = output;
  if (interruptionsOf(output) > INTERRUPTED_TRIES) return await giveUp();
  const begun = { ...output, tries: output.tries + 1 };
  if (output.tries > 0 || sourceUrl === null) {
    await claim(deps, output, sourceUrl);
    const left = await deps.mediaStore.find(objectKey(row, output));
    if (left !== null) return await record(deps, row, begun, { ok: true, file: left });
    if (isInline || sourceUrl === null) return await record(deps, row, begun, NOT_IN_BUCKET);
  }
  // After `find`: what the last try has left is taken, however late.
  if (isAbandoned(deps, row, output)) return await giveUp();
  const link = await freshLink(deps, row, { ...output, sourceUrl });
  if (link === null) {
    const dueAt = schedule.nextCopy(begun.tries, deps.now());
    return void (await updateOutput(deps, output, { state, problem, problemTries, dueAt }));
  }
  if (output.tries === 0 || link.sourceUrl !== sourceUrl) await claim(deps, output, link.sourceUrl);
  const log = deps.log.with({ artworkId: row.artworkId, generationId: row.id, outputId: output.id });
  const url = link.detour ?? link.sourceUrl;
  await record(deps, row, begun, await deps.mediaStore.copy(url, objectKey(row, output), row.kind, log));
}

/** Records a try before it begins. */
async function claim(deps: Deps, output: OutputRow, sourceUrl: string | null): Promise<void> {
  const problemTries = interruptionsOf(output) + 1;
  const dueAt = schedule.nextCopy(problemTries, deps.now());
  const tries = output.tries + 1;
  await updateOutput(deps, output, {
    state: "copying",
    tries,
    sourceUrl,
    problem: null,
    problemTries,
    dueAt,
  });
}

/** An inline result has no other source than the bucket. */
const NOT_IN_BUCKET: CopyResult = { ok: false, problem: "gone", reason: "it is no longer in the bucket" };

/** How many tries in a row did not end: their process died. */
const interruptionsOf = ({ state, problemTries }: OutputRow): number =>
  state === "copying" ? problemTries : 0;

/** How many tries in a row had this problem, with the present one. */
const triesOf = (output: OutputRow, problem: string): number =>
  output.problem === problem ? output.problemTries + 1 : 1;

/** Too many tries in a row were interrupted: no other one begins. */
function isAbandoned(deps: Deps, row: GenerationRow, output: OutputRow): boolean {
  const interruptions = interruptionsOf(output);
  return interruptions > 0 && (interruptions >= INTERRUPTED_TRIES || isTooLate(deps, row));
}

const isTooLate = (deps: Deps, row: GenerationRow): boolean =>
  deps.now() >= (row.storeUntil ?? row.deadlineAt);

/** The next try is the last one for something whose link still works. */
const isLastHope = ({ problem, problemTries }: OutputRow): boolean =>
  (problem === "unusable" || problem === "cut_short") && problemTries === MOST_TRIES[problem] - 1;

type LinkedOutput = OutputRow & { readonly sourceUrl: string };

interface Link {
  /** The link in the status read. */
  readonly sourceUrl: string;
  /** Another way to the same file, good for minutes only: for this try, and not to be kept. */
  readonly detour: string | null;
}

/**
 * After a dead link, and before the last try of an unusable result, the status is read again for a new link.
 * Where it still gives the dead one, the provider may have another link to the same file. Null when the link is dead and the
 * poll learned nothing: that does not count as a try.
 */
async function freshLink(deps: Deps, row: GenerationRow, output: LinkedOutput): Promise<Link | null> {
  const { sourceUrl } = output;
  const isDead = output.problem === "gone";
  if (!(isDead || isLastHope(output)) || row.operation === null) return { sourceUrl, detour: null };
  const { protocol, operation, credentialId } = row;
  const task = { protocol, operation, credentialId };
  const report = await deps.providers.poll(task, deps.log);
  const url = linkIn(report, output);
  if (url !== sourceUrl) return { sourceUrl: url, detour: null };
  if (isDead && isUnseen(report) && !isTooLate(deps, row)) return null;
  const detour = isDead ? await deps.providers.refresh?.(task, sourceUrl, deps.log) : null;
  return { sourceUrl, detour: detour ?? null };
}

const isUnseen = ({ state }: TaskReport): boolean => state === "unseen" || state === "busy";

const linkIn = (report: TaskReport, { position, sourceUrl }: LinkedOutput): string =>
  (report.state === "succeeded" ? report.urls[position] : undefined) ?? sourceUrl;

async function record(deps: Deps, row: GenerationRow, output: OutputRow, result: CopyResult): Promise<void> {
  if (result.ok) {
    const stored = { state: "stored" as const, problem: null, ...result.file };
    return (await updateOutput(deps, output, stored)) ? undefined : await dropUnwanted(deps, row);
  }
  const { problem } = result;
  const problemTries = triesOf(output, problem);
  const isLost = isTooLate(deps, row) || problemTries >= MOST_TRIES[problem];
  const next = isLost
    ? { state: "lost" as const }
    : { state: "pending" as const, dueAt: schedule.nextCopy(problemTries, deps.now()) };
  await updateOutput(deps, output, { problem, problemTries, ...next });
}

/** Removes a copy that ended after its generation was canceled or deleted. */
async function dropUnwanted(deps: Deps, row: GenerationRow): Promise<void> {
  const current = await findGeneration(deps, row.id);
  if (current === null || current.status === "canceled") await removeCopies(deps, row);
}

async function conclude(deps: Deps, row: GenerationRow): Promise<void> {
  const all = await outputsOf(deps, [row.id]);
  const pending = all.filter(isOpen);
  if (pending.length > 0) {
    await updateGeneration(deps, row, { dueAt: Math.min(...pending.map((output) => output.dueAt)) });
    return;
  }
  const lost = all.filter((output) => output.state === "lost");
  const ended =
    lost.length < all.length
      ? await transition(deps, row, "completed", {
          changes: { completedAt: deps.now(), progress: 1, ...expiry(deps) },
          detail: { outputs: all.length - lost.length, missing: lost.map((output) => output.position) },
        })
      : await transition(deps, row, "failed", failed(deps, reasonOf(lost)));
  if (ended !== null) await publishGeneration(deps, ended);
}

function expiry(deps: Deps): Pick<GenerationRow, "expiresAt" | "dueAt"> {
  const { retentionMs } = deps.settings;
  const expiresAt = retentionMs === null ? null : deps.now() + retentionMs;
  return { expiresAt, dueAt: expiresAt };
}

/** The explanation of a lost result, by the problem of its copies. */
const WORDS: Readonly<Record<string, string>> = {
  cut_short: "Every download of it broke off before its end.",
  [INTERRUPTED]: "Copying it broke down every time.",
  forbidden: "Its link leads to an address that is not public.",
  unusable: "It is empty, too big or of another kind, or its link cannot be followed.",
};

/** The reason of the first that was lost; one that came unusable says more than one that did not come. */
function reasonOf(lost: readonly OutputRow[]): Failure {
  const worst = lost.find((output) => lossReason(output) === "result_unusable") ?? lost[0];
  const { code, message } = failure(lossReason(worst ?? { problem: null }));
  return { code, message: `${message} ${WORDS[worst?.problem ?? ""] ?? ""}`.trim() };
}

const failed = (deps: Deps, reason: Failure) => ({
  changes: { errorCode: reason.code, errorMessage: reason.message, completedAt: deps.now() },
  detail: { code: reason.code },
});
