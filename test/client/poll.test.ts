import { describe, expect, it } from "vitest";
import { artwork, createFakeService, json, nothing, stream, eventsOf } from "./fake-service.ts";

const collected = () => new Response("<p>a proxy</p>", { headers: { "Content-Type": "text/html" } });
const status = (terminal: boolean, etag: string) => json({ terminal }, { headers: { ETag: etag } });
const timeline = (ids: readonly number[], types: readonly string[], hasMore = false) =>
  json({ data: ids.map((id, index) => ({ id, type: `artwork.${types[index]}` })), hasMore });
const pathOf = ({ url }: Request) => url.slice("https://darkroom.example/api/artworks/art_1".length);

describe("watching without working streams", () => {
  it("polls the same events in order and ends with the last one", async () => {
    const { darkroom, requests, pauses } = createFakeService([
      collected(),
      collected(),
      collected(),
      status(false, '"a"'),
      timeline([1, 2], ["queued", "submitting"]),
      json(artwork("submitting")),
      nothing(304, { ETag: '"a"' }),
      timeline([], []),
      status(false, '"b"'),
      timeline([], []),
      json(artwork("processing")),
      status(true, '"c"'),
      timeline([3], ["processing"], true),
      timeline([4, 5], ["storing", "completed"]),
      json(artwork("completed", true)),
      nothing(304, { ETag: '"c"' }),
      timeline([], []),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual([
      "2 artwork.snapshot",
      "null artwork.progress",
      "3 artwork.processing",
      "4 artwork.storing",
      "5 artwork.completed",
    ]);
    expect(requests.slice(3).map(pathOf)).toEqual([
      "/generation-status",
      "/timeline?after=0&limit=100",
      "",
      "/generation-status?wait=25",
      "/timeline?after=2&limit=100",
      "/generation-status?wait=25",
      "/timeline?after=2&limit=100",
      "",
      "/generation-status?wait=25",
      "/timeline?after=2&limit=100",
      "/timeline?after=3&limit=100",
      "",
      "/generation-status?wait=25",
      "/timeline?after=5&limit=100",
    ]);
    expect(requests[6]?.headers.get("If-None-Match")).toBe('"a"');
    // Three failed streams, then a second between polls; no pause at the end.
    expect(pauses).toEqual([1_000, 2_000, 4_000, 1_000, 1_000, 1_000]);
  });

  it("continues after the last event of a stream", async () => {
    const { darkroom } = createFakeService([
      stream(['id: 4\nevent: artwork.storing\ndata: {"generation":{}}\n\n'], "broken"),
      new TypeError("no network"),
      collected(),
      new TypeError("no network"),
      status(true, '"c"'),
      timeline([5], ["completed"]),
      json(artwork("completed", true)),
      nothing(304),
      timeline([], []),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual(["4 artwork.storing", "5 artwork.completed"]);
  });

  it("yields one snapshot for an ended artwork", async () => {
    const { darkroom } = createFakeService([
      collected(),
      collected(),
      collected(),
      status(true, '"c"'),
      timeline([1, 2], ["queued", "failed"]),
      json(artwork("failed", true)),
      nothing(304),
      timeline([], []),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual(["2 artwork.snapshot"]);
  });

  it("polls again for minutes while no answer arrives", async () => {
    const { darkroom, pauses } = createFakeService([
      collected(),
      collected(),
      collected(),
      ...Array.from({ length: 5 }, () => new TypeError("no network")),
      status(true, '"c"'),
      timeline([1], ["failed"]),
      json(artwork("failed", true)),
      nothing(304),
      timeline([], []),
    ]);
    expect(await eventsOf(darkroom.watch("art_1"))).toEqual(["1 artwork.snapshot"]);
    expect(pauses.slice(3)).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });
});
