import { describe, expect, it } from "vitest";
import { startProvider } from "./harness.ts";
import { sha256Hex } from "../../src/simulator/images/bytes.ts";

const DAY = 24 * 3_600_000;

async function finished(prompt: string, rest?: object) {
  const provider = startProvider();
  const task = await provider.task(prompt, rest);
  await provider.clock.advance(3000);
  return { ...provider, made: task };
}

describe("a result", () => {
  it("is the image with the task's digest and needs no key", async () => {
    const { made, result } = await finished("a red fox", { outputFormat: "png", aspectRatio: "1:1" });

    const response = await result(made);
    const bytes = new Uint8Array(await response.arrayBuffer());

    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": String(bytes.length),
    });
    expect([await sha256Hex(bytes)]).toStrictEqual(made.sha256);
  });

  it("is unavailable before the task has ended", async () => {
    const { task, call } = startProvider();
    const { id } = await task("a red fox");

    expect((await call(`/results/${id}/0.jpg`)).status).toBe(404);
  });

  it("is available for 14 days, its original for ten minutes", async () => {
    const { made, clock, call } = await finished("a red fox");
    const original = `/origins/${made.id}/0.jpg`;
    const copy = `/results/${made.id}/0.jpg`;

    await clock.advance(600_000 - 1);
    const young = [(await call(original)).status, (await call(copy)).status];
    await clock.advance(1);
    const grown = [(await call(original)).status, (await call(copy)).status];
    await clock.advance(14 * DAY - 600_000);
    const old = (await call(copy)).status;

    expect([young, grown, old]).toStrictEqual([[200, 200], [404, 200], 404]);
  });
});

describe("with a marker in the prompt, a result", () => {
  it.each([
    ["link-404=2", [404, 404, 200]],
    ["link-500", [500, 200, 200]],
    ["link-500][sim:link-404", [404, 500, 200]],
    ["link-gone", [404, 404, 404]],
  ])("answers the first downloads by %s", async (marker, statuses) => {
    const { made, result } = await finished(`a [sim:${marker}]`);

    const answers = [await result(made), await result(made), await result(made)];

    expect(answers.map(({ status }) => status)).toStrictEqual(statuses);
  });

  it("has a dead link until the next poll", async () => {
    const { made, result, record, call } = await finished("a [sim:link-expired]");
    const firstPath = made.resultUrls[0]?.replace("http://provider.test", "") ?? "";

    await record(made.id);
    const dead = await result(made);
    const stillDead = await result(made);
    await record(made.id);
    const fresh = await result(made);
    const old = await call(firstPath);

    expect([dead.status, stillDead.status, fresh.status, old.status]).toStrictEqual([403, 403, 200, 403]);
  });

  it.each([
    ["link-html", { type: "text/html", length: null, status: 200 }],
    ["link-empty", { type: "image/jpeg", length: "0", status: 200 }],
    ["link-chunked", { type: "image/jpeg", length: null, status: 200 }],
    ["link-huge=2", { type: "image/jpeg", length: "2097152", status: 200 }],
    ["link-huge=2][sim:link-chunked", { type: "image/jpeg", length: null, status: 200 }],
  ])("has the content of %s", async (marker, polls) => {
    const { made, result } = await finished(`a [sim:${marker}]`);

    const { status, headers } = await result(made);

    expect({
      status,
      type: headers.get("Content-Type"),
      length: headers.get("Content-Length"),
    }).toStrictEqual(polls);
  });

  it("is text with the type of a PNG", async () => {
    const { made, result } = await finished("a [sim:link-text-as-png]");

    const response = await result(made);

    expect(response.headers.get("Content-Type")).toBe("image/png");
    expect(new TextDecoder().decode(await response.arrayBuffer())).toBe("upstream request timeout");
  });

  it("starts like an image and continues for megabytes", async () => {
    const { made, result } = await finished("a [sim:link-huge=2]");

    const bytes = new Uint8Array(await (await result(made)).arrayBuffer());

    expect(bytes.length).toBe(2 * 1024 * 1024);
    expect([...bytes.subarray(0, 3)]).toStrictEqual([0xff, 0xd8, 0xff]);
  });

  it("breaks off before its Content-Length", async () => {
    const { made, result } = await finished("a [sim:link-lying-length]");

    const response = await result(made);

    expect(Number(response.headers.get("Content-Length"))).toBeGreaterThan(1000);
    await expect(response.arrayBuffer()).rejects.toThrow("Network connection lost.");
  });

  it("arrives slowly over the given time", async () => {
    const { made, result, clock } = await finished("a [sim:link-slow=10]");

    let ended = false;
    const reading = (await result(made)).arrayBuffer().finally(() => (ended = true));
    await clock.advance(9999);
    const endedEarly = ended;
    await clock.advance(1);
    const bytes = new Uint8Array(await reading);

    expect(endedEarly).toBe(false);
    expect([await sha256Hex(bytes)]).toStrictEqual(made.sha256);
  });

  it.each([
    ["link-redirect", /^http:\/\/provider\.test\/mirror\//],
    ["link-redirect-private", /^http:\/\/169\.254\.169\.254\//],
    ["link-redirect-loop", /^http:\/\/provider\.test\/results\//],
  ])("redirects by %s", async (marker, location) => {
    const { made, result } = await finished(`a [sim:${marker}]`);

    const response = await result(made);

    expect(response.status).toBe(302);
    expect(response.headers.get("Location")).toMatch(location);
  });

  it("is served at the target of its redirect", async () => {
    const { made, call } = await finished("a [sim:link-redirect]");

    const bytes = new Uint8Array(await (await call(`/mirror/${made.id}/0.jpg`)).arrayBuffer());

    expect([await sha256Hex(bytes)]).toStrictEqual(made.sha256);
  });
});
