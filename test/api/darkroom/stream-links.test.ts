import { describe, expect, it } from "vitest";
import { generate, readProblem } from "../../support/expect.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import type { World } from "../../support/harness.ts";
import { readEvents, summariesOf } from "../../support/watch.ts";

interface Links {
  readonly events: string;
  readonly ws: string;
  readonly expiresAt: string;
}

const HOUR = 60 * 60_000;

async function linksOf(world: World, path: string): Promise<Links> {
  const response = await world.call("POST", path);
  expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  return await response.json();
}

const follow = (world: World, url: string) => world.send(new Request(url));

describe("a link to a stream", () => {
  it("lets watch an artwork who has nothing but the link", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(10_000);
    const { events } = await linksOf(world, `/api/artworks/${id}/links`);
    const response = await follow(world, events);
    expect(summariesOf(await readEvents(response).rest())).toEqual(["5 artwork.snapshot completed"]);
  });

  it("opens nothing but its own streams", async () => {
    const world = createWorld();
    const one = await generate(world, { prompt: "a fox" });
    const other = await generate(world, { prompt: "a bear" });
    const { search } = new URL((await linksOf(world, `/api/artworks/${one.id}/links`)).events);
    const paths = [
      `/api/artworks/${other.id}/events`,
      "/api/events",
      `/api/artworks/${one.id}`,
      "/api/artworks",
      `/api/artworks/${one.id}/generation-status`,
    ];
    const answers = await Promise.all(paths.map((path) => follow(world, `${ORIGIN}${path}${search}`)));
    expect(answers.map((response) => response.status)).toEqual([401, 401, 401, 401, 401]);
  });

  it("cannot be used to change anything", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const { search } = new URL((await linksOf(world, `/api/artworks/${id}/links`)).events);
    const url = `${ORIGIN}/api/artworks/${id}/events${search}`;
    const response = await world.send(new Request(url, { method: "POST" }));
    expect(response.status).toBe(401);
  });

  it("is over after an hour, and says so", async () => {
    const world = createWorld();
    const { id } = await generate(world, { prompt: "a fox" });
    const { events, expiresAt } = await linksOf(world, `/api/artworks/${id}/links`);
    expect(Date.parse(expiresAt) - world.clock.now()).toBe(HOUR);
    await world.clock.advance(HOUR + 1_000);
    const response = await follow(world, events);
    expect(response.status).toBe(401);
    expect((await readProblem(response)).detail).toContain("has expired");
  });

  it.each([["not-a-token"], [""], ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."]])(
    "with a token of nobody's (%s) is 401",
    async (token) => {
      const world = createWorld();
      const { id } = await generate(world, { prompt: "a fox" });
      const response = await follow(world, `${ORIGIN}/api/artworks/${id}/events?token=${token}`);
      expect(response.status).toBe(401);
    },
  );

  it("signed before the signing key was changed opens nothing", async () => {
    const before = createWorld({ vars: { LINK_SIGNING_KEY: "one" } });
    const { id } = await generate(before, { prompt: "a fox" });
    const { events } = await linksOf(before, `/api/artworks/${id}/links`);
    const after = createWorld({ vars: { LINK_SIGNING_KEY: "another" } });
    expect((await follow(after, events)).status).toBe(401);
  });

  it("to everything opens the feed", async () => {
    const world = createWorld();
    const { events, ws } = await linksOf(world, "/api/events/links");
    const response = await follow(world, events);
    expect((await readEvents(response).next())?.event).toBe("artworks.snapshot");
    expect(ws).toMatch(/^ws:\/\/localhost:8787\/api\/events\/ws\?token=/);
  });

  it("to an artwork of nobody's is 404", async () => {
    const world = createWorld();
    expect((await world.call("POST", "/api/artworks/art_0/links")).status).toBe(404);
  });
});
