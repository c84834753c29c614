import { describe, expect, it } from "vitest";
import { signatureHeaders } from "../../src/simulator/signature.ts";

const TASK = { taskId: "ee9c2715375b7837f8bb51d641ff5863", hmacKey: "secret", now: 1_760_000_000_500 };

describe("a callback's signature", () => {
  it("is the HMAC-SHA256 of task id and seconds, in base64", async () => {
    const headers = await signatureHeaders(new Map(), TASK);

    expect(headers).toStrictEqual({
      "X-Webhook-Timestamp": "1760000000",
      "X-Webhook-Signature": "OP8hWnAfrcryJsm/eBmdpHB4hZjIYjvLqRGAnZduIIw=",
    });
  });

  it("is omitted without a key, or with a marker", async () => {
    const keyless = await signatureHeaders(new Map(), { ...TASK, hmacKey: null });
    const unsigned = await signatureHeaders(new Map([["callback-unsigned", 0]]), TASK);

    expect([keyless, unsigned]).toStrictEqual([{}, {}]);
  });

  it("uses another key with a marker", async () => {
    const right = await signatureHeaders(new Map(), TASK);
    const bad = await signatureHeaders(new Map([["callback-bad-signature", 0]]), TASK);

    expect(bad["X-Webhook-Timestamp"]).toBe(right["X-Webhook-Timestamp"]);
    expect(bad["X-Webhook-Signature"]).not.toBe(right["X-Webhook-Signature"]);
  });

  it("is valid and an hour old with a marker", async () => {
    const stale = await signatureHeaders(new Map([["callback-stale", 0]]), TASK);
    const thenRight = await signatureHeaders(new Map(), { ...TASK, now: TASK.now - 3_600_000 });

    expect(stale).toStrictEqual(thenRight);
  });
});
