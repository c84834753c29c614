import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { generate, read, statusOf, timelineOf } from "../../support/expect.ts";
import type { ArtworkBody, GenerationBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";

const MINUTE = 60_000;
const HALF_AN_HOUR = { vars: { IMAGE_EXPIRATION: "1800" } };

interface Expiring {
  readonly expiresAt: string | null;
  readonly expiredAt: string | null;
}
type Artwork = ArtworkBody & Expiring & { readonly generation: GenerationBody & Expiring };

const show = (world: World, id: string) => read<Artwork>(world, `/api/artworks/${id}`);

async function made(world: World, body: Record<string, unknown> = {}): Promise<Artwork> {
  const artwork = await generate(world, { prompt: "a fox", ...body });
  await world.pass(MINUTE);
  return await show(world, artwork.id);
}

const objectsOf = async (artworkId: string): Promise<string[]> => {
  const { objects } = await env.MEDIA.list({ prefix: `artworks/${artworkId}/` });
  return objects.map((object) => object.key);
};
const rowsOf = (artworkId: string) =>
  env.DB.prepare(
    "select count(*) as count from outputs where generation_id in (select id from generations where artwork_id = ?)",
  )
    .bind(artworkId)
    .first("count");
const statusAt = async (world: World, url: string) =>
  (await world.send(new Request(`http://localhost:8787${new URL(url).pathname}`))).status;

describe("a result that expires", () => {
  it("shows its time, exists until then, and disappears after it with bytes, rows and links", async () => {
    const world = createWorld(HALF_AN_HOUR);
    const before = await made(world);
    const url = before.outputs[0]!.url;
    expect(Date.parse(before.expiresAt ?? "")).toBe(
      Date.parse(before.generation.completedAt ?? "") + 30 * MINUTE,
    );
    await world.pass(28 * MINUTE);
    expect(await statusAt(world, url)).toBe(200);

    await world.pass(3 * MINUTE);

    const after = await show(world, before.id);
    expect(after).toMatchObject({ status: "ready", outputs: [], expiresAt: before.expiresAt });
    expect(after.generation).toMatchObject({ status: "completed", outputs: [], expiredAt: after.expiredAt });
    expect(after.expiredAt).not.toBeNull();
    expect([await objectsOf(before.id), await rowsOf(before.id)]).toEqual([[], 0]);
    expect([
      await statusAt(world, url),
      await statusAt(world, `http://x/image/${before.outputs[0]!.id}`),
    ]).toEqual([404, 404]);
    expect((await timelineOf(world, before.id)).at(-1)).toBe("generation.expired");
  });

  it("disappears from a cached status and gallery", async () => {
    const world = createWorld(HALF_AN_HOUR);
    const { id } = await made(world);
    await statusOf(world, id);
    await world.call("GET", "/api/artworks");

    await world.pass(31 * MINUTE);

    expect(await statusOf(world, id)).toMatchObject({ outputs: [] });
    const { data } = await read<{ data: Artwork[] }>(world, "/api/artworks");
    expect(data.find((artwork) => artwork.id === id)).toMatchObject({ outputs: [] });
  });

  it("does not touch the results of other generations", async () => {
    const world = createWorld(HALF_AN_HOUR);
    const { id } = await made(world);
    await world.pass(20 * MINUTE);
    await world.call("POST", `/api/artworks/${id}/regenerate`);

    await world.pass(12 * MINUTE);

    const second = await show(world, id);
    expect(second).toMatchObject({ outputs: [{ contentType: "image/jpeg" }], expiredAt: null });
    expect(await objectsOf(id)).toEqual([`artworks/${id}/2/0.jpg`]);
    await world.pass(20 * MINUTE);
    expect(await objectsOf(id)).toEqual([]);
  });

  it("is shown by the artwork also when a newer generation has failed", async () => {
    const world = createWorld(HALF_AN_HOUR);
    const { id, expiresAt } = await made(world);
    await world.call("POST", `/api/artworks/${id}/regenerate`, {
      body: { prompt: "a fox [sim:create-422]" },
    });
    await world.pass(MINUTE);
    expect(await show(world, id)).toMatchObject({
      expiresAt,
      outputs: [{}],
      generation: { expiresAt: null },
    });

    await world.pass(31 * MINUTE);

    expect(await show(world, id)).toMatchObject({ outputs: [], expiredAt: expect.any(String) });
  });

  it("is removed completely when the process dies between bytes and record", async () => {
    const removals: string[] = [];
    const world = createWorld({
      ...HALF_AN_HOUR,
      deps: (base) => ({
        mediaStore: {
          ...base.mediaStore,
          remove: async (prefix) => {
            removals.push(prefix);
            await base.mediaStore.remove(prefix);
            if (removals.length === 1) throw new Error("the process died");
          },
        },
      }),
    });
    const { id } = await made(world);

    await world.pass(31 * MINUTE);

    expect(removals).toEqual([`artworks/${id}/1/`, `artworks/${id}/1/`]);
    expect(await show(world, id)).toMatchObject({ outputs: [], expiredAt: expect.any(String) });
    expect((await timelineOf(world, id)).filter((type) => type === "generation.expired")).toHaveLength(1);
  });

  it("stays due when a late callback arrives before", async () => {
    const world = createWorld(HALF_AN_HOUR);
    const { id } = await made(world, { prompt: "a fox [sim:callback-late=600]" });

    await world.pass(45 * MINUTE);

    expect(world.simulator.tasks[0]?.callbacks).toHaveLength(1);
    expect(await show(world, id)).toMatchObject({ outputs: [] });
  });

  it("is cached until it expires, other results for ever", async () => {
    const cachingOf = async (world: World) => {
      const { outputs } = await made(world);
      const { pathname } = new URL(outputs[0]!.url);
      return (await world.call("GET", pathname)).headers.get("Cache-Control") ?? "";
    };
    const seconds = Number(/^public, max-age=(\d+)$/.exec(await cachingOf(createWorld(HALF_AN_HOUR)))?.[1]);
    expect(seconds).toBeGreaterThan(1_700);
    expect(seconds).toBeLessThan(1_800);
    expect(await cachingOf(createWorld())).toBe("public, max-age=31536000, immutable");
  });
});

it("a result is kept for ever where IMAGE_EXPIRATION is 0", async () => {
  const world = createWorld({ vars: { IMAGE_EXPIRATION: "0" } });
  const artwork = await made(world);

  expect(artwork).toMatchObject({ expiresAt: null, expiredAt: null });
  const due = env.DB.prepare("select due_at from generations where artwork_id = ?").bind(artwork.id);
  expect(await due.first("due_at")).toBeNull();
});
