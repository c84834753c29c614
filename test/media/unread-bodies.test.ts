import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/lib/log.ts";
import { createMediaStore } from "../../src/media/media-store.ts";

const GIBIBYTE = 1024 ** 3;
const log = createLog(() => undefined);

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Whether its connection breaks when it is given up. */
  readonly breaks?: boolean;
}

/** Copies from a host that gives these answers in turn; tells what came of it, and which bodies were given up. */
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

describe("a body that is not read is given up", () => {
  it.each([
    ["a dead link", 404, "gone"],
    ["a refusal", 403, "gone"],
    ["a server in trouble", 500, "trouble"],
    ["a redirect without a target", 302, "trouble"],
  ])("of %s", async (_what, status, problem) => {
    const { result, givenUp } = await copyFrom([{ status }]);
    expect(result).toMatchObject({ ok: false, problem });
    expect(givenUp).toEqual([status]);
  });

  it("of a file that is too big by its own word", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 200, headers: { "Content-Length": String(GIBIBYTE) } },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "unusable", reason: "it is too big" });
    expect(givenUp).toEqual([200]);
  });

  it("of each redirect on the way, also of one to a private address", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 302, headers: { Location: "/b.png" } },
      { status: 307, headers: { Location: "https://10.0.0.1/c.png" } },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "forbidden" });
    expect(givenUp).toEqual([302, 307]);
  });

  it("whatever comes of giving it up", async () => {
    const { result, givenUp } = await copyFrom([
      { status: 302, headers: { Location: "/b.png" }, breaks: true },
      { status: 410, breaks: true },
    ]);
    expect(result).toMatchObject({ ok: false, problem: "gone" });
    expect(givenUp).toEqual([302, 410]);
  });
});
