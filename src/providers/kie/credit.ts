import * as z from "zod/mini";
import type { CredentialHealth } from "../../domain/ports/provider.ts";
import type { Log } from "../../lib/log.ts";
import { callKie } from "./client.ts";
import type { KieClient } from "./client.ts";

/** Less than this buys nothing: the cheapest job costs several credits. */
const LEAST_CREDITS = 1;

const Balance = z.number();

/** Reads the account's balance: the one call that checks a key without making anything. */
export async function checkCredential(
  client: KieClient,
  secret: string,
  log: Log,
): Promise<CredentialHealth> {
  const answer = await callKie(client, { method: "GET", path: "/api/v1/chat/credit", key: secret }, log);
  const balance = answer.kind === "answered" && answer.code === 200 ? Balance.safeParse(answer.data) : null;
  return balance?.success === true && balance.data >= LEAST_CREDITS ? "usable" : "unusable";
}
