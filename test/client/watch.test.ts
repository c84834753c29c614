import { describe, expect, it } from "vitest";
import { artwork, createFakeService, frame, json, nothing, stream, eventsOf } from "./fake-service.ts";

const resumedAfter = ({ headers }: Request) => headers.get("Last-Event-ID");
const snapshot = frame(3, "artwork.snapshot", artwork("processing"));
const storing = frame(4, "artwork.storing", artwork("storing"));
const completed = frame(5, "artwork.completed", artwork("completed", true));

describe("watching an artwork", () => {
  it("resumes a broken stream after the last event and yields no event twice", async () => {
    const { darkroom, requests, pauses } = createFakeService([
      stream([snapshot], "broken"),
      stream([snapshot, storing, storing, completed]),
      nothing(204),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual([
      "3 artwork.snapshot",
      "4 artwork.storing",
      "5 artwork.completed",
    ]);
    expect(requests.map(resumedAfter)).toEqual([null, "3", "5"]);
    expect(requests[0]?.url).toBe("https://darkroom.example/api/artworks/art_1/events");
    expect(requests[0]?.headers.get("Authorization")).toBe("Bearer key");
    expect(pauses).toEqual([500, 0]);
  });

  it("starts after a given event", async () => {
    const { darkroom, requests } = createFakeService([stream([storing, completed]), nothing(204)]);
    expect(await eventsOf(darkroom.watch("art_1", { after: 3 }))).toEqual([
      "4 artwork.storing",
      "5 artwork.completed",
    ]);
    expect(resumedAfter(requests[0]!)).toBe("3");
  });

  it("reads events that arrive in pieces of any size", async () => {
    const bytes = new TextEncoder().encode(
      `retry: 1000\n\n: ping\n\n${frame(3, "artwork.snapshot", { ...artwork("storing"), title: "Füchse" })}`,
    );
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const { darkroom } = createFakeService([stream(pieces, "silent")]);
    const { value } = await darkroom.watch("art_1").next();
    expect(value?.data.title).toBe("Füchse");
  });

  it("yields progress, which has no id, and resumes after the event before it", async () => {
    const { darkroom, requests } = createFakeService([
      stream([snapshot, frame(null, "artwork.progress", artwork("processing"))], "broken"),
      stream([completed]),
      nothing(204),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual([
      "3 artwork.snapshot",
      "null artwork.progress",
      "5 artwork.completed",
    ]);
    expect(resumedAfter(requests[1]!)).toBe("3");
  });

  it("does not stop at the replayed end of an earlier generation", async () => {
    const { darkroom } = createFakeService([
      stream([frame(5, "artwork.completed", artwork("completed", true))]),
      stream([
        frame(6, "artwork.queued", artwork("queued")),
        frame(7, "artwork.failed", artwork("failed", true)),
      ]),
      nothing(204),
    ]);
    expect(await eventsOf(darkroom.watch("art_1", { after: 4 }))).toEqual([
      "5 artwork.completed",
      "6 artwork.queued",
      "7 artwork.failed",
    ]);
  });

  it("keeps a stream open while it sends anything", async () => {
    const pinged = () => stream([": ping\n\n"], "broken");
    const { darkroom, requests } = createFakeService([
      stream([snapshot], "broken"),
      ...Array.from({ length: 5 }, pinged),
      stream([completed]),
      nothing(204),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual(["3 artwork.snapshot", "5 artwork.completed"]);
    expect(requests.every(({ url }) => url.endsWith("/events"))).toBe(true);
  });

  it("drops a stream that is silent for too long", async () => {
    const canceled: string[] = [];
    const service = createFakeService([
      stream([snapshot], "silent", () => canceled.push("first")),
      stream([completed]),
      nothing(204),
    ]);
    const watch = service.darkroom.watch("art_1");
    await watch.next();
    const next = watch.next();
    service.timeOut();
    expect((await next).value?.id).toBe(5);
    expect(canceled).toEqual(["first"]);
  });

  it("closes its connection when the loop ends early", async () => {
    const canceled: string[] = [];
    const { darkroom } = createFakeService([stream([snapshot], "silent", () => canceled.push("it"))]);
    for await (const event of darkroom.watch("art_1")) if (event.id === 3) break;
    expect(canceled).toEqual(["it"]);
  });

  it("ends with its signal's reason, also while it waits to reconnect", async () => {
    const controller = new AbortController();
    const { darkroom } = createFakeService([stream([snapshot], "broken")]);
    const watch = darkroom.watch("art_1", { signal: controller.signal });
    await watch.next();
    controller.abort(new Error("enough"));
    await expect(watch.next()).rejects.toThrow("enough");
  });

  it("throws for an unknown artwork", async () => {
    const body = { detail: "There is no such artwork.", requestId: "r-1", error: { code: "not_found" } };
    const { darkroom, requests } = createFakeService([json(body, { status: 404 })]);
    await expect(eventsOf(darkroom.watch("art_2"))).rejects.toMatchObject({ status: 404, code: "not_found" });
    expect(requests).toHaveLength(1);
  });
});
