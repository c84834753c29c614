/** SHA-256 of a text, as lower-case hex. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export async function equalSecrets(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256Hex(one), sha256Hex(other)]);
  const encoder = new TextEncoder();
  return crypto.subtle.timingSafeEqual(encoder.encode(a), encoder.encode(b));
}

/** Identifies a secret without revealing it: the first characters of its SHA-256. */
export const fingerprintOf = async (secret: string): Promise<string> =>
  (await sha256Hex(secret)).slice(0, 12);
