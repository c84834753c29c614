import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepAliveBody } from "../../src/http/keep-alive-body.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const filler = { text: " ", milliseconds: 10_000 };

it("sends filler while nothing else is sent, and nothing after its end", async () => {
  const work = Promise.withResolvers<void>();
  const text = new Response(
    keepAliveBody(async ({ send }) => {
      send("a");
      await work.promise;
      send("b");
    }, filler),
  ).text();
  await vi.advanceTimersByTimeAsync(20_000);
  work.resolve();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await text).toBe("a  b");
  expect(vi.getTimerCount()).toBe(0);
});

it("signals its producer that the reader has gone, and accepts what is still sent", async () => {
  const left = Promise.withResolvers<string>();
  const body = keepAliveBody(async ({ send, gone }) => {
    await new Promise((resolve) => gone.addEventListener("abort", resolve));
    send("to nobody");
    left.resolve("left");
  }, filler);
  await body.cancel();
  expect(await left.promise).toBe("left");
  expect(vi.getTimerCount()).toBe(0);
});

it("breaks off when its producer throws", async () => {
  const body = keepAliveBody(async ({ send }) => {
    send("a");
    throw new Error("broken");
  }, filler);
  await expect(new Response(body).text()).rejects.toThrow("broken");
  expect(vi.getTimerCount()).toBe(0);
});

it("pipes only as fast as its reader takes it, and fills nothing in between", async () => {
  let made = 0;
  async function* texts() {
    for (made = 0; made < 100; made += 1) yield `${made},`;
  }
  const reader = keepAliveBody(async ({ pipe }) => await pipe(texts()), filler).getReader();
  await reader.read();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(made).toBeLessThan(5);
  let text = "0,";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += new TextDecoder().decode(part.value);
  }
  expect(text).toBe(Array.from({ length: 100 }, (_, index) => `${index},`).join(""));
  expect(vi.getTimerCount()).toBe(0);
});

it("ends what it pipes when the reader leaves in the midst of it", async () => {
  const ended = Promise.withResolvers<string>();
  async function* endless() {
    try {
      for (;;) yield "more";
    } finally {
      ended.resolve("ended");
    }
  }
  const body = keepAliveBody(async ({ pipe }) => await pipe(endless()), filler);
  const reader = body.getReader();
  await reader.read();
  await reader.cancel();
  expect(await ended.promise).toBe("ended");
  expect(vi.getTimerCount()).toBe(0);
});
