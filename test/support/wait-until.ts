/** A context that can await its `waitUntil` promises. */
export function waitUntilAll(): { context: ExecutionContext; done: () => Promise<void> } {
  const promises: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
    passThroughOnException: () => undefined,
    props: {},
  } as unknown as ExecutionContext;
  return { context, done: async () => void (await Promise.allSettled(promises)) };
}
