import { describe, expect, it } from "vitest";
import { generate, read, readProblem, timelineOf } from "../../support/expect.ts";
import type { ArtworkBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import { plansOf, slowSteps } from "../../support/query-plans.ts";
import {
  completedVideo,
  CRANE,
  createVideo,
  LONG,
  lastInput,
  readVideo,
  videoOf,
} from "../../support/videos.ts";
import type { VideoBody } from "../../support/videos.ts";

interface List {
  readonly object: string;
  readonly data: readonly VideoBody[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

describe("the list", () => {
  it("has the videos of this owner and nothing else, page by page, in both orders", async () => {
    const world = createWorld();
    await world.deps.db.run("update artworks set owner = 'earlier' where owner = 'root'");
    await world.deps.db.run("update generations set owner = 'earlier' where owner = 'root'");
    expect(await read<List>(world, "/v1/videos")).toStrictEqual({
      object: "list",
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
    const ids: string[] = [];
    for (let number = 0; number < 3; number += 1) {
      ids.push((await createVideo(world, { prompt: `crane ${number}` })).id);
      await generate(world, { prompt: `fox ${number}` });
    }
    const newest = await read<List>(world, "/v1/videos?limit=2");
    expect([newest.data.map(({ id }) => id), newest.first_id, newest.last_id, newest.has_more]).toEqual([
      [ids[2], ids[1]],
      ids[2],
      ids[1],
      true,
    ]);
    const rest = await read<List>(world, `/v1/videos?limit=2&after=${ids[1]}`);
    expect([rest.data.map(({ id }) => id), rest.has_more]).toEqual([[ids[0]], false]);
    const oldest = await read<List>(world, `/v1/videos?order=asc&after=${ids[0]}`);
    expect(oldest.data.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(oldest.data[0]).toStrictEqual(await readVideo(world, ids[1]!));
  });

  it("has a video once, by its newest generation, and none that is deleted", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    await world.call("POST", `/api/artworks/${id}/regenerate`, { body: { prompt: "a crane at night" } });
    const other = await createVideo(world, CRANE);
    await world.call("DELETE", `/v1/videos/${other.id}`);
    const { data } = await read<List>(world, "/v1/videos?limit=100");
    expect(data.filter((video) => video.id === id)).toMatchObject([{ prompt: "a crane at night" }]);
    expect(data.filter((video) => video.id === other.id)).toEqual([]);
  });

  it("refuses what it does not know, all of it at once", async () => {
    const response = await createWorld().call("GET", "/v1/videos?limit=0&order=up&page=2");
    const { errors } = await readProblem(response);
    expect([response.status, errors.map(({ path }) => path)]).toEqual([400, ["limit", "order", "page"]]);
  });

  it("reads only as many rows as it answers", async () => {
    const world = createWorld();
    world.queries.reset();
    await read(world, "/v1/videos?after=art_zzz");
    await read(world, "/v1/videos?order=asc");
    expect(world.queries.trips).toHaveLength(2);
    expect(await slowSteps(world.queries.trips)).toEqual([]);
    expect((await plansOf(world.queries.trips)).join("\n")).toContain(
      "SEARCH generations USING INDEX generations_videos_by_artwork (owner=? AND artwork_id<?)",
    );
  });
});

describe("delete", () => {
  it("ends what runs, removes the bytes, and answers as OpenAI does", async () => {
    const world = createWorld();
    const { id } = await completedVideo(world);
    const { outputs } = await read<ArtworkBody>(world, `/api/artworks/${id}`);
    const response = await world.call("DELETE", `/v1/videos/${id}`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { id, object: "video.deleted", deleted: true },
    ]);
    await world.settle();
    expect((await world.call("GET", new URL(outputs[0]!.url).pathname)).status).toBe(404);
    const running = await createVideo(world, { prompt: "a crane [sim:stuck]" });
    await world.call("DELETE", `/v1/videos/${running.id}`);
    expect((await world.call("GET", `/api/artworks/${running.id}`)).status).toBe(404);
  });
});

describe("a remix", () => {
  it("is a new video with the settings of the earlier one, which it remembers", async () => {
    const world = createWorld();
    const body = { ...CRANE, model: "sora-2-pro", size: "1792x1024", seconds: "15" };
    const source = await completedVideo(world, body);
    const remix = await videoOf(
      await world.call("POST", `/v1/videos/${source.id}/remix`, { body: { prompt: "at night" } }),
    );
    expect(remix).toMatchObject({
      model: "sora-2-pro",
      status: "queued",
      prompt: "at night",
      size: "1792x1024",
      seconds: "15",
      remixed_from_video_id: source.id,
    });
    expect(remix.id).not.toBe(source.id);
    await world.pass(LONG);
    expect(lastInput(world)).toStrictEqual({
      prompt: "at night",
      n_frames: "15",
      aspect_ratio: "landscape",
      size: "high",
    });
    expect((await readVideo(world, remix.id)).status).toBe("completed");
    expect(await timelineOf(world, source.id)).toHaveLength(5);
  });

  it("of a video with other words for its prompt has the new prompt alone", async () => {
    const world = createWorld();
    const shots = [{ Scene: "a cat on a roof", duration: 10 }];
    const input = { shots, n_frames: "10" };
    const artwork = await generate(world, { model: "sora-2-pro-storyboard", input });
    await world.pass(LONG);
    await world.call("POST", `/v1/videos/${artwork.id}/remix`, { body: { prompt: "a dog" } });
    await world.pass(1_000);
    expect(lastInput(world)).toMatchObject({ shots: [{ Scene: "a dog", duration: 10 }], n_frames: "10" });
  });

  it("is made of what is completed, with a prompt", async () => {
    const world = createWorld();
    const { id } = await createVideo(world, { prompt: "a crane [sim:stuck]" });
    const early = await world.call("POST", `/v1/videos/${id}/remix`, { body: { prompt: "at night" } });
    expect([early.status, (await readProblem(early)).error.code]).toEqual([409, "video_not_completed"]);
    const bad = await world.call("POST", `/v1/videos/${id}/remix`, {
      body: { prompt: " ", size: "1280x720" },
    });
    const { errors } = await readProblem(bad);
    expect(errors.map(({ path }) => path)).toEqual(["prompt", "size"]);
  });

  it("is paid once for one key, and joined by a client's retry", async () => {
    const world = createWorld();
    const source = await completedVideo(world);
    const path = `/v1/videos/${source.id}/remix`;
    const idempotency = {
      body: { prompt: "at night [sim:stuck]" },
      headers: { "Idempotency-Key": crypto.randomUUID() },
    };
    const [first, second] = [
      await world.call("POST", path, idempotency),
      await world.call("POST", path, idempotency),
    ];
    expect(await second.text()).toBe(await first.text());
    const retry = { body: idempotency.body, headers: { "x-stainless-retry-count": "1" } };
    const joined = await world.call("POST", path, retry);
    expect(joined.headers.get("Idempotent-Replayed")).toBe("true");
    await world.pass(1_000);
    expect(world.simulator.creates()).toBe(2);
  });
});
