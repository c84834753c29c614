import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** An artwork is what the user sees. Its outputs are those of generation `shownNumber`, its last try is `latestNumber`. */
export const artworks = sqliteTable(
  "artworks",
  {
    id: text("id").primaryKey(),
    owner: text("owner").notNull(),
    status: text("status", { enum: ["draft", "ready", "failed"] }).notNull(),
    title: text("title"),
    metadata: text("metadata", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    model: text("model").notNull(),
    latestNumber: integer("latest_number").notNull(),
    shownNumber: integer("shown_number"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** Set by DELETE: hidden from then on; the actor removes bytes and rows once nothing is under way. */
    deletedAt: integer("deleted_at"),
  },
  (table) => [
    index("artworks_by_owner")
      .on(table.owner, table.id)
      .where(sql`deleted_at is null`),
    index("artworks_by_owner_status")
      .on(table.owner, table.status, table.id)
      .where(sql`deleted_at is null`),
    index("artworks_by_owner_model")
      .on(table.owner, table.model, table.id)
      .where(sql`deleted_at is null`),
  ],
);

/** A model that stands ready, with what it would be sent. */
export interface Fallback {
  readonly model: string;
  readonly protocol: string;
  readonly input: Record<string, unknown>;
  readonly credits: number | null;
}

/** An attempt that failed before a fallback took over. Times in epoch milliseconds. */
export interface EndedAttempt {
  readonly number: number;
  readonly model: string;
  readonly operation: Readonly<Record<string, string | number>> | null;
  readonly code: string;
  readonly message: string;
  readonly creditsUsed: number | null;
  readonly submittedAt: number | null;
  readonly endedAt: number;
}

/** The outcome of rewriting the prompt. */
export interface PromptOptimization {
  readonly status: "pending" | "optimized" | "unavailable";
  /** The problem and its remedy, for the caller; null without a problem. */
  readonly message: string | null;
  readonly original: string;
  /** The prompt that is sent instead; null: the original is sent. */
  readonly prompt: string | null;
}

/** One try. The row holds all that the next step needs; `dueAt` is when that step wants to be taken. */
export const generations = sqliteTable(
  "generations",
  {
    id: text("id").primaryKey(),
    artworkId: text("artwork_id").notNull(),
    owner: text("owner").notNull(),
    number: integer("number").notNull(),
    status: text("status", {
      enum: ["queued", "submitting", "processing", "storing", "completed", "failed", "canceled"],
    }).notNull(),
    model: text("model").notNull(),
    kind: text("kind", { enum: ["image", "video", "any"] }).notNull(),
    /** Which wire carries it, e.g. `kie/flux-kontext`. */
    protocol: text("protocol").notNull(),
    /** The common fields as the caller gave them: what a regenerate inherits. */
    request: text("request", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** The provider's own fields, validated, as they are sent. */
    input: text("input", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** Counts from 1; goes up when a model of `fallbacks` takes over. */
    attempt: integer("attempt").notNull().default(1),
    /** Models that take over, in order, when this attempt fails in a way that another one may survive. */
    fallbacks: text("fallbacks", { mode: "json" }).$type<readonly Fallback[]>().notNull().default([]),
    /** Attempts that have failed, oldest first. */
    attempts: text("attempts", { mode: "json" }).$type<readonly EndedAttempt[]>().notNull().default([]),
    /** Origin at which this API was reached: base of the links in webhooks and notices. */
    origin: text("origin").notNull().default(""),
    /** The URL that gets a webhook at the end, besides the owner's endpoints. */
    webhookUrl: text("webhook_url"),
    /** Origin at which the provider can call back; null when it cannot reach this service. */
    callbackOrigin: text("callback_origin"),
    callbackToken: text("callback_token").notNull(),
    /** Time of the newest callback or deletion that no step has handled. */
    callbackAt: integer("callback_at"),
    /** The job at the provider, in the provider's terms; null while it is unknown. Canonical JSON, so that equal jobs are equal texts. */
    operation: text("operation", { mode: "json" }).$type<Readonly<Record<string, string | number>>>(),
    /** The credential that made the job: a fingerprint. The secret is never stored. */
    credentialId: text("credential_id"),
    /** How often the provider said "not now": sets the pace of the next attempt. */
    postponements: integer("postponements").notNull().default(0),
    /** Status reads since the last transition: sets the pace of the next one. */
    polls: integer("polls").notNull().default(0),
    /** Tries to link the request's uploads while it is queued. */
    inputTries: integer("input_tries").notNull().default(0),
    /** When `generation.outcome_unknown` was recorded, in epoch milliseconds. */
    outcomeNotedAt: integer("outcome_noted_at"),
    /** When the copies of a canceled generation were removed, in epoch milliseconds. */
    cleanedAt: integer("cleaned_at"),
    progress: real("progress"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    creditsEstimated: real("credits_estimated"),
    creditsUsed: real("credits_used"),
    createdAt: integer("created_at").notNull(),
    submittedAt: integer("submitted_at"),
    completedAt: integer("completed_at"),
    deadlineAt: integer("deadline_at").notNull(),
    /** Until when copies are retried after a transient failure. */
    storeUntil: integer("store_until"),
    /** When the next step is due; null when nothing is left to do. */
    dueAt: integer("due_at"),
    /** Goes up with every change that a reader could see; the ETag is made of it. */
    version: integer("version").notNull(),
    /** The event of the last transition: ties the rows of one batch to the UPDATE that won. */
    lastEventId: text("last_event_id").notNull(),
    /** Of the request that made it, equal for equal requests: a client's retry finds what it repeats. */
    fingerprint: text("fingerprint"),
    /** Null: the prompt is not rewritten. */
    optimization: text("optimization", { mode: "json" }).$type<PromptOptimization>(),
    /** When what it made is to be removed, and when that was done; null: it is kept, or still there. */
    expiresAt: integer("expires_at"),
    expiredAt: integer("expired_at"),
  },
  (table) => [
    uniqueIndex("generations_by_artwork").on(table.artworkId, table.number),
    index("generations_by_due")
      .on(table.dueAt)
      .where(sql`due_at is not null`),
    index("generations_by_operation")
      .on(table.operation)
      .where(sql`operation is not null`),
    index("generations_by_fingerprint")
      .on(table.fingerprint, table.createdAt)
      .where(sql`fingerprint is not null`),
    index("generations_videos_by_artwork")
      .on(table.owner, table.artworkId)
      .where(sql`kind = 'video'`),
  ],
);

/** One file that a generation made. */
export const outputs = sqliteTable(
  "outputs",
  {
    id: text("id").notNull(),
    generationId: text("generation_id").notNull(),
    position: integer("position").notNull(),
    /** `copying`: a try is under way, or its process died during it. */
    state: text("state", { enum: ["pending", "copying", "stored", "lost"] }).notNull(),
    /** The provider's link; null when the bytes came with the answer to the create call. */
    sourceUrl: text("source_url"),
    /** Whether the bytes came with the answer to the create call: they are in the bucket, or lost. */
    isInline: integer("is_inline", { mode: "boolean" }).notNull().default(false),
    tries: integer("tries").notNull().default(0),
    dueAt: integer("due_at").notNull(),
    /** The problem of the last tries, and how many in a row had it; while `copying`: how many tries in a row did not end. */
    problem: text("problem"),
    problemTries: integer("problem_tries").notNull().default(0),
    key: text("key"),
    contentType: text("content_type"),
    bytes: integer("bytes"),
    sha256: text("sha256"),
    width: integer("width"),
    height: integer("height"),
  },
  (table) => [
    primaryKey({ columns: [table.generationId, table.position] }),
    uniqueIndex("outputs_by_id").on(table.id),
  ],
);

/** What happened, append only; `sequence` counts from 1 within an artwork, without gaps. */
export const events = sqliteTable(
  "events",
  {
    artworkId: text("artwork_id").notNull(),
    sequence: integer("sequence").notNull(),
    id: text("id").notNull(),
    type: text("type").notNull(),
    at: integer("at").notNull(),
    data: text("data", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.artworkId, table.sequence] })],
);

/**
 * Events of all artworks in the order in which they were written, for who watches all that an owner has. A position is
 * never used twice, not even when the newest rows are removed.
 */
export const feed = sqliteTable(
  "feed",
  {
    position: integer("position").primaryKey({ autoIncrement: true }),
    owner: text("owner").notNull(),
    artworkId: text("artwork_id").notNull(),
    type: text("type").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [index("feed_by_owner").on(table.owner, table.position)],
);

/** Callbacks as they came, written before they are answered. A reason to poll, never a result. */
export const callbacks = sqliteTable(
  "callbacks",
  {
    id: text("id").primaryKey(),
    generationId: text("generation_id").notNull(),
    /** The attempt whose token it carried. */
    attempt: integer("attempt").notNull().default(1),
    receivedAt: integer("received_at").notNull(),
    operation: text("operation", { mode: "json" }).$type<Readonly<Record<string, string | number>>>(),
    body: text("body").notNull(),
  },
  (table) => [index("callbacks_by_generation").on(table.generationId, table.receivedAt)],
);

/** An image that a caller uploaded. Its bytes are in the bucket under `key`. */
export const uploads = sqliteTable(
  "uploads",
  {
    id: text("id").primaryKey(),
    owner: text("owner").notNull(),
    key: text("key").notNull(),
    contentType: text("content_type").notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    width: integer("width"),
    height: integer("height"),
    /** Origin under which this API was reached: who makes its link later has no request to ask. */
    origin: text("origin").notNull(),
    createdAt: integer("created_at").notNull(),
    /** When a request last named it; at first the time of the upload. Unused uploads are removed after some days. */
    lastUsedAt: integer("last_used_at").notNull(),
    /** Its link at an external host, and until when the link is trusted. */
    hostedUrl: text("hosted_url"),
    hostedUntil: integer("hosted_until"),
  },
  (table) => [index("uploads_by_last_use").on(table.lastUsedAt)],
);

/** Accepted requests by the key of their caller, with the response for repetitions. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    owner: text("owner").notNull(),
    route: text("route").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of caller, route and canonical body; two where uploads are known by what they hold and by name. */
    fingerprint: text("fingerprint").notNull(),
    /** The response as the dialect encoded it; opaque here. */
    response: text("response").notNull(),
    /** Until when the first response may still be held; null once it is sent. */
    pendingUntil: integer("pending_until"),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.route, table.key] }),
    index("idempotency_keys_by_expiry").on(table.expiresAt),
  ],
);
