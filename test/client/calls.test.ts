import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { DarkroomError } from "../../src/client/index.ts";
import type {
  Artwork,
  Attempt,
  Generation,
  GenerateRequest,
  Output,
  RegenerateRequest,
  Upload,
} from "../../src/client/index.ts";
import type { generationFields, readFields } from "../../src/domain/requests/fields.ts";
import type { presentArtwork, presentGeneration, presentUpload } from "../../src/domain/artworks/present.ts";
import { artwork, createFakeService, json, nothing } from "./fake-service.ts";

type AnsweredArtwork = ReturnType<typeof presentArtwork>;
type AnsweredGeneration = ReturnType<typeof presentGeneration>;
type AnsweredUpload = ReturnType<typeof presentUpload>;

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json({ detail: "No.", requestId: "r-1", errors: [], error: { code } }, { status, headers });
const keyOf = ({ headers }: Request) => headers.get("Idempotency-Key");

/** An answer whose connection breaks off halfway. */
const cut = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":"art'));
        controller.error(new TypeError("connection lost"));
      },
    }),
    { status: 202 },
  );

describe("the client's calls", () => {
  it("repeat a spending request with the same key and body, so that it is paid once", async () => {
    const { darkroom, requests, pauses } = createFakeService([
      new TypeError("no network"),
      cut(),
      problem(409, "idempotency_in_flight", { "Retry-After": "3" }),
      json(artwork("queued"), { status: 202 }),
    ]);
    const made = await darkroom.generate({ prompt: "a fox" }, { wait: 5 });
    expect(made.id).toBe("art_1");
    expect(new Set(requests.map(keyOf))).toEqual(new Set(["key-0"]));
    const bodies = await Promise.all(requests.map((request) => request.text()));
    expect(new Set(bodies)).toEqual(new Set(['{"prompt":"a fox"}']));
    expect(requests[0]?.headers.get("Prefer")).toBe("wait=5");
    expect(pauses).toEqual([500, 1_000, 3_000]);
  });

  it("give up after a few tries with the last error", async () => {
    const { darkroom, requests } = createFakeService(
      Array.from({ length: 9 }, () => problem(503, "provider_not_configured")),
    );
    const failure: unknown = await darkroom.regenerate("art_1").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DarkroomError);
    expect(failure).toMatchObject({ status: 503, code: "provider_not_configured", requestId: "r-1" });
    expect(requests).toHaveLength(4);
  });

  it("do not wait for a long Retry-After", async () => {
    const { darkroom, requests } = createFakeService([
      problem(503, "provider_credits_exhausted", { "Retry-After": "60" }),
    ]);
    await expect(darkroom.generate({ prompt: "a fox" })).rejects.toMatchObject({ retryAfter: 60 });
    expect(requests).toHaveLength(1);
  });

  it("do not repeat a refused request, and name every bad field", async () => {
    const errors = [{ path: "prompt", message: "is required", code: "required" }];
    const { darkroom, requests } = createFakeService([
      json({ detail: "prompt is required", errors, error: { code: "invalid_fields" } }, { status: 422 }),
    ]);
    const failure = darkroom.generate({ prompt: "" });
    await expect(failure).rejects.toMatchObject({ message: "prompt is required", status: 422, errors });
    expect(requests).toHaveLength(1);
  });

  it("report an answer from a proxy, and a missing answer", async () => {
    const { darkroom } = createFakeService([
      new Response("<p>Forbidden</p>", { status: 403 }),
      ...Array.from({ length: 4 }, () => new TypeError("no network")),
    ]);
    await expect(darkroom.get("art_1")).rejects.toMatchObject({ status: 403, code: "http_403" });
    await expect(darkroom.get("art_1")).rejects.toMatchObject({ status: 0, code: "network_error" });
  });

  it.each([
    ["an answer", 202],
    ["an error", 503],
  ])("time out while reading the rest of %s", async (_what, status) => {
    const silent = () =>
      new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), { status });
    const { darkroom, requests, timeOut } = createFakeService([silent(), json(artwork("queued"))]);
    const making = darkroom.generate({ prompt: "a fox" });
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    timeOut();
    expect((await making).id).toBe("art_1");
    expect(requests.map((request) => request.signal.aborted)).toEqual([true, false]);
  });

  it("are sent once where a repetition would have another effect", async () => {
    const { darkroom, requests } = createFakeService([nothing(204), problem(500, "a"), problem(500, "b")]);
    await darkroom.delete("art_1");
    await expect(darkroom.delete("art_1")).rejects.toMatchObject({ code: "a" });
    await expect(darkroom.upload(Uint8Array.of(1))).rejects.toMatchObject({ code: "b" });
    expect(requests.map(({ method }) => method)).toEqual(["DELETE", "DELETE", "POST"]);
  });

  it("send the page parameters and escape ids", async () => {
    const { darkroom, requests } = createFakeService([
      json({ data: [], hasMore: false, lastId: null }),
      json(artwork("canceled", true), { status: 202 }),
    ]);
    await darkroom.list({ limit: 5, status: "ready", after: "art_0" });
    await darkroom.cancel("../keys");
    expect(requests.map(({ url }) => url)).toEqual([
      "https://darkroom.example/api/artworks?limit=5&status=ready&after=art_0",
      "https://darkroom.example/api/artworks/..%2Fkeys/cancel",
    ]);
  });

  it("accept every field of the service", () => {
    expectTypeOf<keyof RegenerateRequest>().toEqualTypeOf<keyof ReturnType<typeof readFields>["fields"]>();
    expectTypeOf<keyof GenerateRequest>().toEqualTypeOf<keyof RegenerateRequest>();
  });

  it("accept null where the service removes a field", () => {
    type Nullable<Fields> = {
      [Name in keyof Fields]-?: null extends Fields[Name] ? Name : never;
    }[keyof Fields];
    expectTypeOf<Nullable<RegenerateRequest>>().toEqualTypeOf<keyof typeof generationFields | "title">();
    expectTypeOf<Nullable<GenerateRequest>>().toEqualTypeOf<"title">();
  });

  it("declare only fields that the service answers", () => {
    expectTypeOf<AnsweredArtwork>().toExtend<Artwork>();
    expectTypeOf<AnsweredGeneration>().toExtend<Generation>();
    expectTypeOf<AnsweredUpload>().toExtend<Upload>();
  });

  it("declare every field of an answer", () => {
    expectTypeOf<keyof Artwork>().toEqualTypeOf<keyof AnsweredArtwork>();
    expectTypeOf<keyof Generation>().toEqualTypeOf<keyof AnsweredGeneration>();
    expectTypeOf<keyof Attempt>().toEqualTypeOf<keyof AnsweredGeneration["attempts"][number]>();
    expectTypeOf<keyof Output>().toEqualTypeOf<keyof AnsweredArtwork["outputs"][number]>();
    expectTypeOf<keyof Upload>().toEqualTypeOf<keyof AnsweredUpload>();
  });
});
