import type { Scenario } from "./markers.ts";

/** How far back a stale callback's timestamp lies, in seconds. */
const STALE_BY = 3600;

interface Signing {
  readonly taskId: string;
  /** null: the operator turned signatures off. */
  readonly hmacKey: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The headers that sign a callback: base64(HMAC-SHA256(`taskId.timestamp`)), timestamp in seconds. The body is not signed. */
export async function signatureHeaders(
  scenario: Scenario,
  { taskId, hmacKey, now }: Signing,
): Promise<Record<string, string>> {
  if (hmacKey === null || scenario.has("callback-unsigned")) return {};
  const timestamp = String(Math.floor(now / 1000) - (scenario.has("callback-stale") ? STALE_BY : 0));
  const key = scenario.has("callback-bad-signature") ? `not-${hmacKey}` : hmacKey;
  return {
    "X-Webhook-Timestamp": timestamp,
    "X-Webhook-Signature": await hmacBase64(key, `${taskId}.${timestamp}`),
  };
}

async function hmacBase64(key: string, text: string): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", utf8.encode(key), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign(algorithm, imported, utf8.encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
