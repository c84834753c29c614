/** The secrets that sign. Those of endpoints stand with them; each owner has one for the URLs that requests name. */
import { eq, sql } from "drizzle-orm";
import { webhookEndpoints, webhookSecrets } from "../../db/webhook-endpoints.ts";
import { HOUR } from "../../lib/time.ts";
import type { Deps } from "../deps.ts";

/** Between the 24 and the 64 that Standard Webhooks allows. */
const SECRET_BYTES = 32;
/** How long the secret before a rotation signs as well: a working day to bring the new one to every receiver. */
const OLD_SIGNS_FOR = 24 * HOUR;

export type OwnerSecret = typeof webhookSecrets.$inferSelect;

/** The part of a row that signs. */
export type Secrets = Pick<OwnerSecret, "secret" | "previousSecret" | "previousUntil">;

export const newSecret = (): string =>
  `whsec_${crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64()}`;

/** Secrets from before that sign as well, at most; of a row they stand one after the other, the newest first. */
const MOST_OLD = 4;
/** `whsec_`, the secret in base64, and the space after it. */
const OLD_CHARACTERS = "whsec_".length + Math.ceil(SECRET_BYTES / 3) * 4 + 1;

/**
 * The columns of a rotation: the row's secret joins the previous ones. So a second rotation, after a lost answer for example,
 * does not invalidate the secret that receivers know.
 */
export const rotation = (now: number) => ({
  secret: newSecret(),
  previousSecret: sql`trim(substr(
    case when previous_until > ${now} then secret || ' ' || previous_secret else secret end,
    1, ${MOST_OLD * OLD_CHARACTERS}))`,
  previousUntil: now + OLD_SIGNS_FOR,
  updatedAt: now,
});

/** The secrets that sign now, the newest first. */
export const signing = ({ secret, previousSecret, previousUntil }: Secrets, now: number): string[] =>
  previousSecret !== null && previousUntil !== null && now < previousUntil
    ? [secret, ...previousSecret.split(" ")]
    : [secret];

/** The secret of an owner, made when it is first asked for. */
export async function ownerSecret(
  { db, now }: Pick<Deps, "db" | "now">,
  owner: string,
): Promise<OwnerSecret> {
  const find = () => db.select().from(webhookSecrets).where(eq(webhookSecrets.owner, owner));
  const [found] = await find();
  if (found !== undefined) return found;
  const at = now();
  const none = { previousSecret: null, previousUntil: null };
  const made = { ...none, owner, secret: newSecret(), createdAt: at, updatedAt: at };
  await db.insert(webhookSecrets).values(made).onConflictDoNothing();
  return (await find())[0] ?? made;
}

/** The secrets that sign what is sent to an endpoint, or to a URL that a request named; none when the endpoint is gone. */
export async function secretsFor(
  deps: Pick<Deps, "db" | "now">,
  { owner, endpointId }: { readonly owner: string; readonly endpointId: string | null },
): Promise<string[]> {
  if (endpointId === null) return signing(await ownerSecret(deps, owner), deps.now());
  const query = deps.db.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, endpointId));
  const [endpoint] = await query;
  return endpoint === undefined ? [] : signing(endpoint, deps.now());
}
