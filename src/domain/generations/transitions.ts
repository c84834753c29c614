import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { artworks, events, generations } from "../../db/schema.ts";
import { describeError } from "../../lib/log.ts";
import type { EventType } from "../events/event-types.ts";
import { feedStatement } from "../events/feed.ts";
import type { Deps } from "../deps.ts";
import type { GenerationRow } from "../rows.ts";
import { mayEnter } from "../status.ts";
import type { Status } from "../status.ts";
import { outboxStatement } from "../events/outbox.ts";

/** Columns that a step may write besides the status; `transition` and `updateGeneration` write the others. */
export type Changes = Partial<
  Pick<
    GenerationRow,
    | "model"
    | "protocol"
    | "input"
    | "creditsEstimated"
    | "attempt"
    | "fallbacks"
    | "attempts"
    | "callbackToken"
    | "operation"
    | "credentialId"
    | "postponements"
    | "polls"
    | "inputTries"
    | "outcomeNotedAt"
    | "cleanedAt"
    | "progress"
    | "errorCode"
    | "errorMessage"
    | "creditsUsed"
    | "submittedAt"
    | "completedAt"
    | "storeUntil"
    | "optimization"
    | "expiresAt"
    | "expiredAt"
    | "dueAt"
  >
>;

type EventDetail = Readonly<Record<string, unknown>>;

/** A generation after a transition, with the receivers for which the transition recorded a delivery. */
export type Transitioned = GenerationRow & { readonly receivers: readonly string[] };

export const receiversOf = (recorded: readonly { readonly receiver: string }[]): string[] =>
  recorded.map(({ receiver }) => receiver);

/** True in SQL when the generation's last event is this one: the UPDATE that wrote it has won. */
export const written = (generationId: string, eventId: string): SQL =>
  sql`exists (select 1 from ${generations} where id = ${generationId} and last_event_id = ${eventId})`;

/**
 * Appends an event with the artwork's next sequence, and to the owner's feed, if the UPDATE before it in the batch has
 * won. The values stand in the order of the table's columns.
 */
export function appendEvent(
  deps: Deps,
  row: GenerationRow,
  event: { id: string; type: EventType; detail: EventDetail },
): BatchItem<"sqlite">[] {
  const data = JSON.stringify({ ...event.detail, generationId: row.id, number: row.number });
  const won = written(row.id, event.id);
  return [
    deps.db.insert(events).select(sql`
      select ${row.artworkId}, coalesce(max(sequence), 0) + 1, ${event.id}, ${event.type}, ${deps.now()}, ${data}
      from ${events} where artwork_id = ${row.artworkId} having ${won}`),
    feedStatement(deps, { ...row, type: event.type }, won),
  ];
}

/**
 * The due time that a step writes. A callback that arrived after the step read its row must not be lost:
 * then the row stays due, whatever the step decided.
 */
function schedule(row: GenerationRow, now: number, dueAt: number | null) {
  const newer = sql`callback_at is not ${row.callbackAt}`;
  return {
    dueAt: sql`case when ${newer} then ${now} else ${dueAt} end`,
    callbackAt: sql`case when ${newer} then callback_at else null end`,
  };
}

/** The artwork follows its generations: it shows the newest completed one, and fails only if it has none. */
function updateArtwork(
  deps: Deps,
  row: GenerationRow,
  { to, model, eventId }: { to: Status; model: string; eventId: string },
) {
  const isLatest = sql`${artworks.latestNumber} = ${row.number}`;
  const byStatus: Partial<Record<Status, Record<string, SQL>>> = {
    queued: { model: sql`case when ${isLatest} then ${model} else ${artworks.model} end` },
    completed: {
      status: sql`'ready'`,
      shownNumber: sql`max(coalesce(${artworks.shownNumber}, 0), ${row.number})`,
    },
    failed: {
      status: sql`case when ${artworks.shownNumber} is null and ${isLatest} then 'failed' else ${artworks.status} end`,
    },
    storing: {
      status: sql`case when ${artworks.shownNumber} is null and ${isLatest} then 'draft' else ${artworks.status} end`,
    },
  };
  return deps.db
    .update(artworks)
    .set({ ...byStatus[to], updatedAt: deps.now() })
    .where(and(eq(artworks.id, row.artworkId), written(row.id, eventId)));
}

/**
 * The only writer of a status. Moves the generation if it is still in the status and attempt that the step has seen,
 * appends the event, updates the artwork and records the webhook deliveries, all in one batch. Returns the new
 * row, or null when another run was faster: then the caller stops.
 */
export async function transition(
  deps: Deps,
  row: GenerationRow,
  to: Status,
  step: {
    readonly changes?: Changes;
    readonly detail?: EventDetail;
    /** Further statements of the batch, each to be guarded by the condition it is given. */
    readonly also?: (won: SQL) => BatchItem<"sqlite">[];
  } = {},
): Promise<Transitioned | null> {
  if (!mayEnter(to, row.status)) throw new Error(`No transition leads from ${row.status} to ${to}.`);
  const eventId = deps.newId("evt");
  const { dueAt = null, ...changes } = step.changes ?? {};
  const update = deps.db
    .update(generations)
    .set({
      ...changes,
      ...schedule(row, deps.now(), dueAt),
      status: to,
      version: sql`version + 1`,
      lastEventId: eventId,
    })
    .where(isUnchanged(row))
    .returning();
  const event = { id: eventId, type: `artwork.${to}` as const, detail: { ...step.detail, status: to } };
  const won = written(row.id, eventId);
  const batch = deps.db.batch([
    update,
    outboxStatement(deps, row, event.type, won),
    ...appendEvent(deps, row, event),
    updateArtwork(deps, row, { to, model: changes.model ?? row.model, eventId }),
    ...(step.also?.(won) ?? []),
  ]);
  const next = await batch.then(
    ([[moved], recorded]) => moved && { ...moved, receivers: receiversOf(recorded) },
    (error: unknown) => confirmTransition(deps, row.id, eventId, error),
  );
  logTransition(deps, row, to, next ?? null);
  return next ?? null;
}

/**
 * D1 may have committed a transition and lost the answer. The id of the row's last event shows it, and the winner goes on. The
 * sweep finds the receivers.
 */
async function confirmTransition(
  deps: Deps,
  id: string,
  eventId: string,
  error: unknown,
): Promise<Transitioned> {
  const [row] = await deps.db
    .select()
    .from(generations)
    .where(and(eq(generations.id, id), eq(generations.lastEventId, eventId)));
  if (row === undefined) throw error;
  deps.log.warn("transition.answer_lost", { generationId: id, status: row.status, ...describeError(error) });
  return { ...row, receivers: [] };
}

function logTransition(deps: Deps, row: GenerationRow, to: Status, next: GenerationRow | null): void {
  deps.log.info(next === null ? "transition.lost" : "transition", {
    artworkId: row.artworkId,
    generationId: row.id,
    from: row.status,
    to,
    ...(next?.errorCode == null ? {} : { code: next.errorCode }),
  });
}

/** Whether the generation is still where the step has seen it: a fallback is another attempt in the same status. */
const isUnchanged = ({ id, status, attempt }: GenerationRow): SQL | undefined =>
  and(eq(generations.id, id), eq(generations.status, status), eq(generations.attempt, attempt));

/** Updates a generation without a change of status. Returns null when the status has changed meanwhile. */
export async function updateGeneration(
  deps: Deps,
  row: GenerationRow,
  changes: Changes,
): Promise<GenerationRow | null> {
  const { dueAt = row.dueAt, ...rest } = changes;
  const isVisible = changes.progress !== undefined && changes.progress !== row.progress;
  const [kept] = await deps.db
    .update(generations)
    .set({
      ...rest,
      ...schedule(row, deps.now(), dueAt),
      ...(isVisible ? { version: sql`version + 1` } : {}),
    })
    .where(isUnchanged(row))
    .returning();
  return kept ?? null;
}

/** Like `updateGeneration`, and appends an event of this type to the timeline. `recordAndPublish` also publishes it. */
export async function recordEvent(
  deps: Deps,
  row: GenerationRow,
  event: { readonly type: EventType; readonly detail: EventDetail; readonly changes: Changes },
): Promise<GenerationRow | null> {
  const { dueAt = row.dueAt, ...rest } = event.changes;
  const id = deps.newId("evt");
  const [[noted]] = await deps.db.batch([
    deps.db
      .update(generations)
      .set({ ...rest, ...schedule(row, deps.now(), dueAt), lastEventId: id, version: sql`version + 1` })
      .where(isUnchanged(row))
      .returning(),
    ...appendEvent(deps, row, { id, type: event.type, detail: event.detail }),
  ]);
  deps.log.info(event.type, { ...event.detail, artworkId: row.artworkId, generationId: row.id });
  return noted ?? null;
}
