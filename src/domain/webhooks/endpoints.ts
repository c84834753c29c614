/** An owner's webhook endpoints: create, change, rotate, delete. */
import { and, desc, eq, lt, sql } from "drizzle-orm";
import * as z from "zod/mini";
import { webhookEndpoints, webhookSecrets } from "../../db/webhook-endpoints.ts";
import { urlProblem, MAX_URL_LENGTH } from "../../lib/addresses.ts";
import { fieldIssues, parse } from "../../lib/issues.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import type { Deps } from "../deps.ts";
import type { EndpointRow } from "../rows.ts";
import { isRefusal, refuseFields } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import type { Caller } from "../caller.ts";
import { stopStatement } from "./deliveries.ts";
import { redirectStatement } from "./log.ts";
import { WEBHOOK_TYPES } from "../events/outbox.ts";
import { newSecret, ownerSecret, rotation } from "./secrets.ts";
import type { OwnerSecret } from "./secrets.ts";

/** Every move of a generation writes a row for each of them, in the batch that everybody waits for. */
const MOST_ENDPOINTS = 20;

export const webhookNotFound: Refusal = { refused: "not_found", message: "Webhook not found." };

const unique = (events: readonly string[]): boolean => new Set(events).size === events.length;

const fieldsOf = ({ settings }: Deps) => ({
  url: z.string().check(z.trim(), z.maxLength(MAX_URL_LENGTH), (payload) => {
    const message = urlProblem(payload.value, settings.allowPrivateUrls);
    if (message !== null) payload.issues.push({ code: "custom", message, input: payload.value });
  }),
  events: z.optional(
    z.array(z.enum(WEBHOOK_TYPES)).check(z.minLength(1), z.refine(unique, "must not name a type twice")),
  ),
  description: z.optional(z.nullable(z.string().check(z.maxLength(200)))),
});

/** Reads a body; a refusal names every bad field at once. */
function read<Schema extends z.ZodMiniType<object>>(
  schema: Schema,
  body: RequestBody,
): z.output<Schema> | Refusal {
  const parsed = parse(schema, body);
  return parsed.success ? parsed.data : refuseFields(fieldIssues(parsed.error));
}

const ofOwner = (owner: string, id: string) =>
  and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.owner, owner));

/** Makes an endpoint, which takes every type of event unless it names some. */
export async function createEndpoint(
  deps: Deps,
  caller: Caller,
  body: RequestBody,
): Promise<EndpointRow | Refusal> {
  const fields = read(z.strictObject(fieldsOf(deps)), body);
  if (isRefusal(fields)) return fields;
  const { url, events = WEBHOOK_TYPES, description = null } = fields;
  const { owner } = caller;
  const now = deps.now();
  const [id, secret] = [deps.newId("whe"), newSecret()];
  const count = sql`(select count(*) from ${webhookEndpoints} where owner = ${owner})`;
  // The values stand in the order of the table's columns.
  const [made] = await deps.db
    .insert(webhookEndpoints)
    .select(
      sql`select ${id}, ${owner}, ${url}, ${JSON.stringify(events)}, ${description}, ${secret}, null, null,
        ${now}, ${now}, null, null where ${count} < ${MOST_ENDPOINTS}`,
    )
    .returning();
  if (made === undefined) {
    const message = `You have ${MOST_ENDPOINTS} webhooks, which is the most. Delete one first.`;
    return { refused: "too_many_webhooks", message };
  }
  deps.log.info("webhook.created", { endpointId: id, host: URL.parse(url)?.host });
  return made;
}

export interface PageOf {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A page of an owner's endpoints, newest first; asks for one more than `limit` to know whether more follow. */
export const endpointPage = ({ db }: Pick<Deps, "db">, owner: string, { limit, after }: PageOf) =>
  db
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookEndpoints.owner, owner),
        after === undefined ? undefined : lt(webhookEndpoints.id, after),
      ),
    )
    .orderBy(desc(webhookEndpoints.id))
    .limit(limit + 1);

export async function findEndpoint(
  { db }: Pick<Deps, "db">,
  owner: string,
  id: string,
): Promise<EndpointRow | null> {
  return (await db.select().from(webhookEndpoints).where(ofOwner(owner, id)))[0] ?? null;
}

/** Changes what a body names. Switched off, an endpoint's pending deliveries end; at a new URL, they go there. */
export async function changeEndpoint(
  deps: Deps,
  caller: Caller,
  { id, body }: { readonly id: string; readonly body: RequestBody },
): Promise<EndpointRow | Refusal> {
  const schema = z.partial(z.strictObject({ ...fieldsOf(deps), enabled: z.boolean() }));
  const fields = read(schema, body);
  if (isRefusal(fields)) return fields;
  const { enabled, ...changes } = fields;
  const now = deps.now();
  const [changed] = await deps.db.batch([
    deps.db
      .update(webhookEndpoints)
      .set({ ...changes, ...switched(enabled, now), updatedAt: now })
      .where(ofOwner(caller.owner, id))
      .returning(),
    stopStatement(deps, id),
    redirectStatement(deps, id),
  ]);
  return changed[0] ?? webhookNotFound;
}

/** An endpoint that is off keeps the time and the author of that. */
function switched(enabled: boolean | undefined, now: number) {
  if (enabled === undefined) return {};
  if (enabled) return { disabledAt: null, disabledBy: null };
  return {
    disabledAt: sql`coalesce(disabled_at, ${now})`,
    disabledBy: sql`coalesce(disabled_by, 'owner')`,
  };
}

/** Deletes an endpoint and stops its pending deliveries. Its log stays until it expires. */
export async function deleteEndpoint(deps: Deps, caller: Caller, id: string): Promise<Refusal | null> {
  const found = await findEndpoint(deps, caller.owner, id);
  if (found === null) return webhookNotFound;
  await deps.db.batch([
    deps.db.delete(webhookEndpoints).where(ofOwner(caller.owner, id)),
    stopStatement(deps, id),
  ]);
  deps.log.info("webhook.deleted", { endpointId: id });
  return null;
}

/** Gives an endpoint a new secret; the old one signs as well for a day. */
export async function rotateEndpoint(deps: Deps, caller: Caller, id: string): Promise<EndpointRow | Refusal> {
  const [rotated] = await deps.db
    .update(webhookEndpoints)
    .set(rotation(deps.now()))
    .where(ofOwner(caller.owner, id))
    .returning();
  return rotated ?? webhookNotFound;
}

/** Gives an owner a new secret for the URLs that requests name; the old one signs as well for a day. */
export async function rotateOwner(deps: Deps, { owner }: Caller): Promise<OwnerSecret> {
  const before = await ownerSecret(deps, owner);
  const [rotated] = await deps.db
    .update(webhookSecrets)
    .set(rotation(deps.now()))
    .where(eq(webhookSecrets.owner, owner))
    .returning();
  return rotated ?? before;
}
