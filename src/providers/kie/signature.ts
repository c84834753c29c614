import { MINUTE, SECOND } from "../../lib/time.ts";

/** KIE documents no tolerance. Clocks differ in either direction; headers found in a log must be worthless. */
const OLDEST = 5 * MINUTE;

/** The signed parts of a callback: the task that its body names, or null, and its headers. */
export interface SignedCallback {
  readonly taskId: string | null;
  readonly headers: Headers;
}

/**
 * Whether a callback is signed with this key, at about this time (epoch milliseconds): base64 of the
 * HMAC-SHA256 of `<task id>.<unix seconds>`. The rest of the body is not signed, so a callback is a hint at best.
 */
export async function isSigned(
  { taskId, headers }: SignedCallback,
  key: string,
  now: number,
): Promise<boolean> {
  const timestamp = headers.get("X-Webhook-Timestamp") ?? "";
  const signature = fromBase64(headers.get("X-Webhook-Signature") ?? "");
  if (taskId === null || signature === null || !isFresh(timestamp, now)) return false;
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", utf8.encode(key), algorithm, false, ["verify"]);
  // Compares in constant time.
  return await crypto.subtle.verify("HMAC", imported, signature, utf8.encode(`${taskId}.${timestamp}`));
}

const isFresh = (timestamp: string, now: number): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * SECOND) <= OLDEST;

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
}
