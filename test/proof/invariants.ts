/** The promises as invariants over what is left at the end of a play. Each answers what is wrong, in words. */
import { isTerminal, mayEnter } from "../../src/domain/status.ts";
import type { Status } from "../../src/domain/status.ts";
import type { EventRow, GenerationRow } from "../../src/domain/rows.ts";
import { attemptsOf, generationOf, lastAttemptOf } from "./attempts.ts";
import { causesOf, missingOf, survivedBy } from "./causes.ts";
import type { Played } from "./notes.ts";
import type { Rest } from "./final-state.ts";

const MINUTE = 60_000;
/** A sweep may find a lost alarm a minute and a half late, a create call has its lease of two minutes. */
const ALLOWANCE = 6 * MINUTE;

export function problemsOf(played: Played, rest: Rest): string[] {
  return [
    ...played.wrong,
    ...paidOnce(played, rest),
    ...askedOnce(played, rest),
    ...reachedOneEnd(played, rest),
    ...rest.generations.flatMap((row) => toldTheTruth(played, row)),
    ...bytesAreOurs(played, rest),
    ...timelines(rest),
    ...artworksFollow(rest),
    ...slotsAreFree(played),
  ];
}

/** A release that was lost to a crash heals at the deadline; any other start slot has been given back. */
function slotsAreFree({ struck, world }: Played): string[] {
  return struck > 0 ? [] : world.heldSlots().map((id) => `${id} holds a start slot for ever`);
}

/** No attempt has two creates, nothing is asked again after a create, and every create is explained by an attempt on record. */
function paidOnce(played: Played, rest: Rest): string[] {
  const { tasks, refused } = played.world.simulator;
  const paid = [...new Set([...tasks, ...refused].map(generationOf))];
  const twice = paid.flatMap((id) =>
    attemptsOf(played, id).flatMap((attempt, index) => {
      const [task] = attempt.tasks;
      const after = attempt.refused.filter(({ call }) => task !== undefined && call > task.call);
      return [
        ...(attempt.tasks.length > 1 ? [`attempt ${index + 1} of ${id} was created twice`] : []),
        ...(after.length > 0 ? [`attempt ${index + 1} of ${id} was asked for again after its create`] : []),
      ];
    }),
  );
  const calls = [...tasks, ...refused].map(generationOf);
  const unannounced = rest.generations.filter((row) => {
    const intents = eventsOf(rest, row).filter(({ type }) => type === "artwork.submitting");
    return calls.filter((id) => id === row.id).length > intents.length;
  });
  return [
    ...twice,
    ...unannounced.map(({ id }) => `${id} was created without an intent on record`),
    ...rest.generations.flatMap((row) => attemptsAreExplained(played, row)),
  ];
}

/** The attempts on record are those that the provider saw, each with its task and a reason to end. */
function attemptsAreExplained(played: Played, row: GenerationRow): string[] {
  const made = attemptsOf(played, row.id);
  const last = made[row.attempt - 1];
  const wrong = row.attempts.flatMap((ended, index) => {
    const attempt = made[index];
    if (attempt === undefined) return [`attempt ${index + 1} ended without having been made`];
    const [task] = attempt.tasks;
    const reasons = survivedBy(attempt);
    return [
      ...((ended.operation?.["taskId"] ?? null) === (task?.id ?? null)
        ? []
        : [`attempt ${index + 1} is on record without its task`]),
      ...(task === undefined || task.model === ended.model
        ? []
        : [`attempt ${index + 1} was of ${task.model}`]),
      ...(reasons.some((reason) => reason === ended.code)
        ? []
        : [`attempt ${index + 1} gave up for ${ended.code}, the provider said: ${reasons.join(", ")}`]),
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

/** A name makes one artwork; a retry that its client marked makes none beside one that still runs. */
function askedOnce(played: Played, rest: Rest): string[] {
  const firstOf = (prompt: unknown) =>
    rest.generations.filter((row) => row.number === 1 && row.request["prompt"] === prompt);
  const named = played.ordered.filter(({ key, path }) => key !== null && path === "generate");
  const runningAt = (row: GenerationRow, at: number): boolean => {
    const end = eventsOf(rest, row).find(({ type }) => /\.(completed|failed|canceled)$/.test(type));
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

function reachedOneEnd(played: Played, rest: Rest): string[] {
  const known = new Set(rest.generations.map(({ id }) => id));
  // Rows go only with their artwork, and an artwork only when its owner asked for it.
  const lost = [...played.accepted].filter(
    ([id, artworkId]) => !known.has(id) && !played.askedToEnd.has(artworkId),
  );
  const ended = new Set(rest.artworks.map(({ id }) => id));
  return [
    ...lost.map(([id]) => `${id} was accepted and is gone`),
    ...[...played.deleted].filter((id) => ended.has(id)).map((id) => `${id} was deleted and is still there`),
    ...rest.artworks
      .filter((row) => row.deletedAt !== null)
      .map(({ id }) => `${id} is hidden and not removed`),
    ...rest.generations.flatMap((row) => [
      ...(isTerminal(row.status) ? [] : [`${row.id} never ended: ${row.status}`]),
      ...(row.dueAt === null ? [] : [`${row.id} is due for ever (${row.status})`]),
      ...(row.callbackAt === null ? [] : [`${row.id} has a callback that nobody looked at`]),
      ...(ended.has(row.artworkId) ? [] : [`${row.id} has no artwork`]),
      ...endedInTime(played, rest, row),
    ]),
    ...rest.callbacks
      .filter(({ body }) => body.includes("a-strangers"))
      .map(() => "a forged callback was recorded"),
  ];
}

function endedInTime(played: Played, rest: Rest, row: GenerationRow): string[] {
  const ended = eventsOf(rest, row).find(({ type }) => /\.(storing|completed|failed|canceled)$/.test(type));
  const late = (ended?.at ?? 0) - row.deadlineAt - played.world.idle();
  return late > ALLOWANCE ? [`${row.id} was left alone ${late / MINUTE} min past its deadline`] : [];
}

/** Whether the end that a generation has is one that its story allows. */
function toldTheTruth(played: Played, row: GenerationRow): string[] {
  const causes = causesOf(played, row);
  const end = row.status === "failed" ? (row.errorCode ?? "no code") : row.status;
  if (causes.allowed.some((allowed) => allowed === end)) return [];
  const loss = causes.allowed.includes("completed") ? "A PAID RESULT WAS LOST: " : "";
  return [`${loss}${row.id} ended as ${end}, allowed: ${causes.allowed.join(", ")} (${causes.story})`];
}

function bytesAreOurs(played: Played, rest: Rest): string[] {
  const stored = rest.outputs.filter(({ state }) => state === "stored");
  const wrong = rest.generations
    .filter(({ status }) => status === "completed")
    .flatMap((row) => {
      const [task] = lastAttemptOf(played, row).tasks;
      const made = task?.sha256 ?? [];
      const own = rest.outputs.filter(({ generationId }) => generationId === row.id);
      if (own.length !== made.length) return [`${row.id} has ${own.length} outputs of ${made.length}`];
      const missing = task === undefined ? [] : missingOf(task);
      return own.flatMap((output) => {
        if (missing.includes(output.position) && output.state === "lost") return [];
        const object = rest.objects.find(({ key }) => key === output.key);
        const isRight = object?.sha256 === made[output.position] && output.sha256 === made[output.position];
        return isRight ? [] : [`${row.id} is completed without the bytes that were made`];
      });
    });
  const ended = rest.generations.filter(({ status }) => status === "completed" || status === "failed");
  const kept = new Set(
    stored.filter(({ generationId }) => ended.some(({ id }) => id === generationId)).map(({ key }) => key),
  );
  // Two wakings of one artwork at once, which the platform rules out, may race a copy with a removal.
  const orphans = played.hadDuplicates
    ? []
    : rest.objects.filter(({ key }) => key.startsWith("artworks/") && !kept.has(key));
  return [...wrong, ...orphans.map(({ key }) => `${key} belongs to nobody`), ...uploadsAreKept(played, rest)];
}

/** What was uploaded is there until it is removed, and not after that. */
function uploadsAreKept(played: Played, rest: Rest): string[] {
  return played.uploads.flatMap((id) => {
    const row = rest.uploads.find((upload) => upload.id === id);
    const isThere = rest.objects.some(({ key }) => key.startsWith(`uploads/${id}.`));
    if (played.deleted.has(id))
      return row === undefined && !isThere ? [] : [`${id} was deleted and is there`];
    return played.askedToRemove.has(id) || (row !== undefined && isThere) ? [] : [`${id} is gone`];
  });
}

const eventsOf = (rest: Rest, row: GenerationRow): EventRow[] =>
  rest.events.filter(({ data }) => data["generationId"] === row.id);

function timelines(rest: Rest): string[] {
  const gaps = rest.artworks.filter(({ id }) =>
    rest.events
      .filter(({ artworkId }) => artworkId === id)
      .some(({ sequence }, index) => sequence !== index + 1),
  );
  const moves = rest.generations.flatMap((row) => {
    const path = eventsOf(rest, row)
      .filter(({ type }) => type.startsWith("artwork."))
      .map(({ type }) => type.slice("artwork.".length) as Status);
    return path.flatMap((to, index) => {
      const from = path[index - 1];
      if (from === undefined) return to === "queued" ? [] : [`${row.id} began as ${to}`];
      return mayEnter(to, from) ? [] : [`${row.id} went from ${from} to ${to}`];
    });
  });
  const unlike = rest.generations.filter((row) => {
    const last = eventsOf(rest, row).findLast(({ type }) => type.startsWith("artwork."));
    return last?.type !== `artwork.${row.status}`;
  });
  return [
    ...gaps.map(({ id }) => `the timeline of ${id} has a gap`),
    ...moves,
    ...unlike.map(({ id, status }) => `${id} is ${status} and its timeline does not say so`),
  ];
}

function artworksFollow(rest: Rest): string[] {
  return rest.artworks.flatMap((artwork) => {
    const own = rest.generations.filter(({ artworkId }) => artworkId === artwork.id);
    const completed = own.filter(({ status }) => status === "completed").map(({ number }) => number);
    const shown = completed.length === 0 ? null : Math.max(...completed);
    if (artwork.shownNumber !== shown) return [`${artwork.id} shows ${artwork.shownNumber}, not ${shown}`];
    if ((artwork.status === "ready") !== (shown !== null)) return [`${artwork.id} is ${artwork.status}`];
    return [];
  });
}
