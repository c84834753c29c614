/**
 * Ends a body that nobody will read: until then it holds one of the six connections that a Worker has at a time. One
 * that has broken off already holds none.
 */
export async function discardBody(body: ReadableStream | null): Promise<void> {
  await body?.cancel().catch(() => undefined);
}
