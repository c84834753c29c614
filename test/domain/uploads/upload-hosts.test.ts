import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { sha256, statusOf } from "../../support/expect.ts";
import * as images from "../../support/fixtures/images.ts";
import { createFetchingWorld, edit, sentImage, upload } from "../../support/upload.ts";

const HOUR = 3_600_000;

describe.each([
  ["kie", "stream", 20 * HOUR],
  ["imgbb", "imgbb", 20 * HOUR],
])("an upload hosted by %s", (host, via, trustedFor) => {
  const create = () =>
    createFetchingWorld({
      vars: { UPLOAD_HOST: host, IMGBB_API_KEY: "imgbb-key" },
    });

  it("gets the host's link on upload and reuses it for other jobs", async () => {
    const world = create();
    const bytes = await images.png(host);
    const { id, url } = await upload(world, bytes);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8799\/files\//);
    await edit(world, [id]);
    await edit(world, [id]);
    await world.pass(10_000);
    expect(world.simulator.files.map((file) => file.via)).toEqual([via]);
    expect(world.simulator.creates()).toBe(2);
    expect(await sentImage(world)).toStrictEqual({ url, sha256: await sha256(bytes) });
  });

  it("gets a new link when the old one is too old", async () => {
    const world = create();
    const bytes = await images.png(host);
    const { id, url } = await upload(world, bytes);
    await world.clock.advance(trustedFor - 1);
    await edit(world, [id]);
    await world.settle();
    expect(world.simulator.tasks.at(-1)?.body["inputImage"]).toBe(url);
    await world.clock.advance(1);
    await edit(world, [id]);
    await world.settle();
    expect(world.simulator.files).toHaveLength(2);
    const sent = await sentImage(world);
    expect(sent).toStrictEqual({ url: expect.not.stringMatching(url), sha256: await sha256(bytes) });
    await world.pass(10_000);
    expect(world.simulator.creates()).toBe(2);
  });

  it("spends nothing when the process dies between the link and the create call", async () => {
    const world = create();
    const { id } = await upload(world, await images.png(host));
    await world.clock.advance(trustedFor);
    const artwork = await edit(world, [id]);
    await env.DB.exec("alter table events rename to events_away");
    await world.settle();
    await env.DB.exec("alter table events_away rename to events");
    expect([world.simulator.files.length, world.simulator.creates()]).toEqual([2, 0]);
    await world.pass(20_000);

    expect((await statusOf(world, artwork.id)).status).toBe("completed");
    expect([world.simulator.files.length, world.simulator.creates()]).toEqual([2, 1]);
  });
});
