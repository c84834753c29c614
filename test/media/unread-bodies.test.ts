import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/lib/log.ts";
import { createMediaStore } from "../../src/media/media-store.ts";

const GIBIBYTE = 1024 ** 3;
const log = createLog(() => undefined);

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Whether its connection breaks on discard. */
  readonly breaks?: boolean;
}

/** Copies from a host with these answers; returns the result and the discarded bodies. */
async function copyFrom(answers: readonly Answer[]) {
  const left = [...answers];
  const givenUp: number[] = [];
  const fetch = async () => {
    const { status, headers = {}, breaks = false } = left.shift()!;
    const cancel = () => {
      givenUp.push(status);
      if (breaks) throw new Error("the connection broke");
    };
    return new Response(new ReadableStream({ cancel }), { status, headers });
  };
  const mediaStore = createMediaStore({
    bucket: env.MEDIA,
    fetch,
    isTrusted: () => false,
    expiresAt: () => null,
  });
  const result = await mediaStore.copy("https://files.example/a.png", "tests/unread/0", "image", log);
  return { result, givenUp };
}

describe("an unread body is discarded", () => {
  it.each([
    ["a dead link", 404, "gone"],
    ["a refusal", 403, "gone"],
    ["a server error", 500, "transient"],
    ["a redirect without a target", 302, "transient"],
  ])("of %s", async (_what, status, problem) => {
    const { result, givenUp } = await copyFrom([{ status }]);
    expect(result).toMatchObject({ ok: false, problem });
    expect(givenUp).toEqual([status]);
  });

  it("of a file with a too large Content-Length", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 200, headers: { "Content-Length": String(GIBIBYTE) } },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "unusable", reason: "it is too big" });
    expect(givenUp).toEqual([200]);
  });

  it("of each redirect, also of one to a private address", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 302, headers: { Location: "/b.png" } },
      { status: 307, headers: { Location: "https://10.0.0.1/c.png" } },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "forbidden" });
    expect(givenUp).toEqual([302, 307]);
  });

  it("even when the discard fails", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 302, headers: { Location: "/b.png" }, breaks: true },
      { status: 410, breaks: true },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "gone" });
    expect(givenUp).toEqual([302, 410]);
  });
});
