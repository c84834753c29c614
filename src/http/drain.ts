const MEBIBYTE = 1024 * 1024;
/** More than anybody sends by mistake; what is longer is broken off. */
export const MOST_DRAINED = 64 * MEBIBYTE;

/**
 * Reads what an answer has left unread of a request's body. A proxy that cannot get rid of it breaks the connection off,
 * and the caller sees that instead of the answer that says what is wrong.
 */
export async function drain({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > MOST_DRAINED) return;
    }
  } catch {
    // The caller has gone.
  }
}
