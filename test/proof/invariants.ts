/** The promises as invariants over the final state of a play. Each function returns the violations as sentences. */
import { isTerminal, mayEnter } from "../../src/domain/status.ts";
import type { Status } from "../../src/domain/status.ts";
import type { EventRow, GenerationRow } from "../../src/domain/rows.ts";
import { attemptsOf, generationOf, lastAttemptOf } from "./attempts.ts";
import { causesOf, missingOf, fallbackReasonsOf } from "./allowed-ends.ts";
import type { Played } from "./play-record.ts";
import type { FinalState } from "./final-state.ts";

const MINUTE = 60_000;
/** A sweep finds a lost alarm up to 1.5 minutes late; a create call holds its lease for two minutes. */
const ALLOWANCE = 6 * MINUTE;

export function problemsOf(played: Played, final: FinalState): string[] {
  return [
    ...played.wrong,
    ...paidOnce(played, final),
    ...requestsAreIdempotent(played, final),
    ...reachedOneEnd(played, final),
    ...final.generations.flatMap((row) => endsAreAllowed(played, row)),
    ...bytesAreOurs(played, final),
    ...timelines(final),
    ...artworksFollow(final),
    ...slotsAreFree(played),
  ];
}

/** A release that a crash lost expires at the deadline; every other start slot is released. */
function slotsAreFree({ struck, world }: Played): string[] {
  return struck > 0 ? [] : world.heldSlots().map((id) => `${id} still holds a start slot`);
}

/** No attempt has two creates, no create call follows a create, and an attempt on record explains every create. */
function paidOnce(played: Played, final: FinalState): string[] {
  const { tasks, refused } = played.world.simulator;
  const paid = [...new Set([...tasks, ...refused].map(generationOf))];
  const twice = paid.flatMap((id) =>
    attemptsOf(played, id).flatMap((attempt, index) => {
      const [task] = attempt.tasks;
      const after = attempt.refused.filter(({ call }) => task !== undefined && call > task.call);
      return [
        ...(attempt.tasks.length > 1 ? [`attempt ${index + 1} of ${id} was created twice`] : []),
        ...(after.length > 0 ? [`attempt ${index + 1} of ${id} was sent again after its create`] : []),
      ];
    }),
  );
  const calls = [...tasks, ...refused].map(generationOf);
  const unrecorded = final.generations.filter((row) => {
    const intents = eventsOf(final, row).filter(({ type }) => type === "artwork.submitting");
    return calls.filter((id) => id === row.id).length > intents.length;
  });
  return [
    ...twice,
    ...unrecorded.map(({ id }) => `${id} was created without an intent on record`),
    ...final.generations.flatMap((row) => attemptsAreExplained(played, row)),
  ];
}

/** The attempts on record are those that the provider received, each with its task and its failure. */
function attemptsAreExplained(played: Played, row: GenerationRow): string[] {
  const made = attemptsOf(played, row.id);
  const last = made[row.attempt - 1];
  const wrong = row.attempts.flatMap((ended, index) => {
    const attempt = made[index];
    if (attempt === undefined) return [`attempt ${index + 1} ended without having been made`];
    const [task] = attempt.tasks;
    const reasons = fallbackReasonsOf(attempt);
    return [
      ...((ended.operation?.["taskId"] ?? null) === (task?.id ?? null)
        ? []
        : [`attempt ${index + 1} is on record without its task`]),
      ...(task === undefined || task.model === ended.model
        ? []
        : [`attempt ${index + 1} was of ${task.model}`]),
      ...(reasons.some((reason) => reason === ended.code)
        ? []
        : [`attempt ${index + 1} ended with ${ended.code}, the provider answered: ${reasons.join(", ")}`]),
    ];
  });
  const isCertain = row.errorCode === "model_unavailable" || row.errorCode === "provider_error";
  const isEarly = (row.completedAt ?? 0) < row.deadlineAt;
  return [
    ...wrong,
    ...(row.attempt === row.attempts.length + 1 ? [] : ["an attempt is not on record"]),
    ...(made.length > row.attempt ? [`${made.length} attempts were made, ${row.attempt} are on record`] : []),
    ...(last === undefined || last.token === row.callbackToken ? [] : ["the last attempt has another token"]),
    ...(row.status === "failed" && isCertain && isEarly && row.fallbacks.length > 0
      ? ["a fallback was left untried"]
      : []),
  ].map((problem) => `${row.id}: ${problem}`);
}

/** An idempotency key makes one artwork; a marked retry joins a generation that still runs. */
function requestsAreIdempotent(played: Played, final: FinalState): string[] {
  const firstOf = (prompt: unknown) =>
    final.generations.filter((row) => row.number === 1 && row.request["prompt"] === prompt);
  const named = played.sent.filter(({ key, path }) => key !== null && path === "generate");
  const runningAt = (row: GenerationRow, at: number): boolean => {
    const end = eventsOf(final, row).find(({ type }) => /\.(completed|failed|canceled)$/.test(type));
    return row.createdAt < at && (end === undefined || end.at > at);
  };
  return [
    ...named.flatMap(({ key, body }) => {
      const { length } = firstOf(body["prompt"]);
      return length > 1 ? [`${key} made ${length} artworks`] : [];
    }),
    ...played.retries.flatMap(({ at, prompt, generationId }) => {
      const running = firstOf(prompt).filter((row) => runningAt(row, at));
      const hasJoined = running.length === 0 || running.some(({ id }) => id === generationId);
      return hasJoined ? [] : [`${generationId} is a marked retry of one that still ran`];
    }),
  ];
}

function reachedOneEnd(played: Played, final: FinalState): string[] {
  const known = new Set(final.generations.map(({ id }) => id));
  // Rows disappear only with their artwork, and an artwork only when its owner deletes it.
  const lost = [...played.accepted].filter(
    ([id, artworkId]) => !known.has(id) && !played.askedToEnd.has(artworkId),
  );
  const ended = new Set(final.artworks.map(({ id }) => id));
  return [
    ...lost.map(([id]) => `${id} was accepted and is gone`),
    ...[...played.deleted].filter((id) => ended.has(id)).map((id) => `${id} was deleted and is still there`),
    ...final.artworks
      .filter((row) => row.deletedAt !== null)
      .map(({ id }) => `${id} is hidden and not removed`),
    ...final.generations.flatMap((row) => [
      ...(isTerminal(row.status) ? [] : [`${row.id} never ended: ${row.status}`]),
      ...(row.dueAt === null ? [] : [`${row.id} is still due (${row.status})`]),
      ...(row.callbackAt === null ? [] : [`${row.id} has an unprocessed callback`]),
      ...(ended.has(row.artworkId) ? [] : [`${row.id} has no artwork`]),
      ...endedInTime(played, final, row),
    ]),
    ...final.callbacks
      .filter(({ body }) => body.includes("a-strangers"))
      .map(() => "a forged callback was recorded"),
  ];
}

function endedInTime(played: Played, final: FinalState, row: GenerationRow): string[] {
  const ended = eventsOf(final, row).find(({ type }) => /\.(storing|completed|failed|canceled)$/.test(type));
  const late = (ended?.at ?? 0) - row.deadlineAt - played.world.idle();
  return late > ALLOWANCE ? [`${row.id} ended ${late / MINUTE} min after its deadline`] : [];
}

/** The end of each generation is one that the provider's record allows. */
function endsAreAllowed(played: Played, row: GenerationRow): string[] {
  const causes = causesOf(played, row);
  const end = row.status === "failed" ? (row.errorCode ?? "no code") : row.status;
  if (causes.allowed.some((allowed) => allowed === end)) return [];
  const loss = causes.allowed.includes("completed") ? "A PAID RESULT WAS LOST: " : "";
  return [`${loss}${row.id} ended as ${end}, allowed: ${causes.allowed.join(", ")} (${causes.explanation})`];
}

function bytesAreOurs(played: Played, final: FinalState): string[] {
  const stored = final.outputs.filter(({ state }) => state === "stored");
  const wrong = final.generations
    .filter(({ status }) => status === "completed")
    .flatMap((row) => {
      const [task] = lastAttemptOf(played, row).tasks;
      const made = task?.sha256 ?? [];
      const own = final.outputs.filter(({ generationId }) => generationId === row.id);
      if (own.length !== made.length) return [`${row.id} has ${own.length} outputs of ${made.length}`];
      const missing = task === undefined ? [] : missingOf(task);
      return own.flatMap((output) => {
        if (missing.includes(output.position) && output.state === "lost") return [];
        const object = final.objects.find(({ key }) => key === output.key);
        const isRight = object?.sha256 === made[output.position] && output.sha256 === made[output.position];
        return isRight ? [] : [`${row.id} is completed without the provider's bytes`];
      });
    });
  const ended = final.generations.filter(({ status }) => status === "completed" || status === "failed");
  const kept = new Set(
    stored.filter(({ generationId }) => ended.some(({ id }) => id === generationId)).map(({ key }) => key),
  );
  // Two simultaneous runs of one artwork, which the platform rules out, may race a copy with a removal.
  const orphans = played.hadDuplicates
    ? []
    : final.objects.filter(({ key }) => key.startsWith("artworks/") && !kept.has(key));
  return [
    ...wrong,
    ...orphans.map(({ key }) => `${key} has no stored output`),
    ...uploadsAreKept(played, final),
  ];
}

/** An upload exists until its removal, and not after it. */
function uploadsAreKept(played: Played, final: FinalState): string[] {
  return played.uploads.flatMap((id) => {
    const row = final.uploads.find((upload) => upload.id === id);
    const isThere = final.objects.some(({ key }) => key.startsWith(`uploads/${id}.`));
    if (played.deleted.has(id))
      return row === undefined && !isThere ? [] : [`${id} was deleted and is there`];
    return played.askedToRemove.has(id) || (row !== undefined && isThere) ? [] : [`${id} is gone`];
  });
}

const eventsOf = (final: FinalState, row: GenerationRow): EventRow[] =>
  final.events.filter(({ data }) => data["generationId"] === row.id);

function timelines(final: FinalState): string[] {
  const gaps = final.artworks.filter(({ id }) =>
    final.events
      .filter(({ artworkId }) => artworkId === id)
      .some(({ sequence }, index) => sequence !== index + 1),
  );
  const transitions = final.generations.flatMap((row) => {
    const path = eventsOf(final, row)
      .filter(({ type }) => type.startsWith("artwork."))
      .map(({ type }) => type.slice("artwork.".length) as Status);
    return path.flatMap((to, index) => {
      const from = path[index - 1];
      if (from === undefined) return to === "queued" ? [] : [`${row.id} began as ${to}`];
      return mayEnter(to, from) ? [] : [`${row.id} went from ${from} to ${to}`];
    });
  });
  const different = final.generations.filter((row) => {
    const last = eventsOf(final, row).findLast(({ type }) => type.startsWith("artwork."));
    return last?.type !== `artwork.${row.status}`;
  });
  return [
    ...gaps.map(({ id }) => `the timeline of ${id} has a gap`),
    ...transitions,
    ...different.map(({ id, status }) => `${id} is ${status} and its timeline says otherwise`),
  ];
}

function artworksFollow(final: FinalState): string[] {
  return final.artworks.flatMap((artwork) => {
    const own = final.generations.filter(({ artworkId }) => artworkId === artwork.id);
    const completed = own.filter(({ status }) => status === "completed").map(({ number }) => number);
    const shown = completed.length === 0 ? null : Math.max(...completed);
    if (artwork.shownNumber !== shown) return [`${artwork.id} shows ${artwork.shownNumber}, not ${shown}`];
    if ((artwork.status === "ready") !== (shown !== null)) return [`${artwork.id} is ${artwork.status}`];
    return [];
  });
}
