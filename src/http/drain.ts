const MEBIBYTE = 1024 * 1024;
/** More than a client sends by mistake; a longer body is not read to its end. */
export const MOST_DRAINED = 64 * MEBIBYTE;

/**
 * Reads the rest of a request's body. With unread bytes a proxy may close the connection, and the caller sees that error
 * instead of the response.
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
    // The caller has disconnected.
  }
}
