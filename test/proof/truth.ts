/** The promises as invariants over what is left at the end of a play. Each answers what is wrong, in words. */
import { isTerminal, mayEnter } from "../../src/generation/state.ts";
import type { Status } from "../../src/generation/state.ts";
import type { EventRow, GenerationRow } from "../../src/generation/store.ts";
import { causesOf, createsOf, generationOf } from "./causes.ts";
import type { Played } from "./player.ts";
import type { Rest } from "./rest.ts";

const MINUTE = 60_000;
/** A sweep may find a lost alarm a minute and a half late, a create call has its lease of two minutes. */
const ALLOWANCE = 6 * MINUTE;

export function problemsOf(played: Played, rest: Rest): string[] {
  return [
    ...played.wrong,
    ...paidOnce(played, rest),
    ...reachedOneEnd(played, rest),
    ...rest.generations.flatMap((row) => toldTheTruth(played, row)),
    ...bytesAreOurs(played, rest),
    ...timelines(rest),
    ...artworksFollow(rest),
  ];
}

function paidOnce(played: Played, rest: Rest): string[] {
  const { tasks, refused } = played.world.simulator;
  const paid = tasks.map(({ body }) => generationOf(body));
  const twice = paid.filter((id, index) => paid.indexOf(id) !== index);
  const calls = [...paid, ...refused.map(({ body }) => generationOf(body))];
  const unannounced = rest.generations.filter((row) => {
    const intents = eventsOf(rest, row).filter(({ type }) => type === "artwork.submitting");
    return calls.filter((id) => id === row.id).length > intents.length;
  });
  return [
    ...twice.map((id) => `${id} was created twice`),
    ...unannounced.map(({ id }) => `${id} was created without an intent on record`),
  ];
}

function reachedOneEnd(played: Played, rest: Rest): string[] {
  const known = new Set(rest.generations.map(({ id }) => id));
  const lost = [...played.accepted].filter((id) => !known.has(id));
  const ended = new Set(rest.artworks.map(({ id }) => id));
  return [
    // Rows go only with their artwork, and an artwork only when its owner asked for it.
    ...(lost.length > 0 && played.askedToEnd.size === 0
      ? lost.map((id) => `${id} was accepted and is gone`)
      : []),
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
      const made = createsOf(played, row.id)[0]?.sha256 ?? [];
      const own = rest.outputs.filter(({ generationId }) => generationId === row.id);
      if (own.length !== made.length) return [`${row.id} has ${own.length} outputs of ${made.length}`];
      return own.flatMap((output) => {
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
  const orphans = played.hadTwins ? [] : rest.objects.filter(({ key }) => !kept.has(key));
  return [...wrong, ...orphans.map(({ key }) => `${key} belongs to nobody`)];
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
