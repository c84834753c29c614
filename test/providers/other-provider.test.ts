import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { MODELS } from "../../src/models/index.ts";
import { generate, read, statusOf } from "../support/expect.ts";
import * as images from "../support/fixtures/images.ts";
import { createWorld } from "../support/harness.ts";
import type { World } from "../support/harness.ts";
import {
  callbackOf,
  createOtherProvider,
  PAINTER,
  resultUrl,
  withProvider,
} from "../support/other-provider.ts";
import type { OtherProvider } from "../support/other-provider.ts";

function createOtherWorld(): { world: World; other: OtherProvider } {
  const other = createOtherProvider();
  const world = createWorld({
    deps: (base) => ({
      models: [...MODELS, PAINTER],
      providers: withProvider(base.providers, "other", other.provider),
    }),
    intercept: async ({ url }) => {
      const job = other.jobs.find((one) => resultUrl(one) === url);
      return job === undefined ? null : new Response(await images.png(url));
    },
  });
  return { world, other };
}

const paint = (world: World) => generate(world, { model: PAINTER.id, prompt: "a fox" });

const callBack = (world: World, url: string, body: string, signature: string) =>
  world.send(new Request(url, { method: "POST", body, headers: { "X-Other-Signature": signature } }));

const timelineOf = async (world: World, id: string): Promise<{ data: { data: object }[] }> =>
  await read(world, `/api/artworks/${id}/timeline`);

describe("a second provider with callbacks", () => {
  it("is called back at a path of its own and acknowledges in its own words", async () => {
    const { world, other } = createOtherWorld();
    const artwork = await paint(world);
    await world.settle();
    const [job] = other.jobs;
    const url = new URL(job?.url ?? "");
    expect(url.pathname).toBe("/api/callbacks/other");
    other.finish(job!);
    const { body, signature } = await callbackOf(job!);

    const answer = await callBack(world, url.href, body, signature);
    await world.settle();

    expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
    expect(await statusOf(world, artwork.id)).toMatchObject({
      status: "completed",
      credits: { estimated: 3, used: 3 },
    });
    expect(other.jobs).toHaveLength(1);
  });

  it("is polled where no callback comes", async () => {
    const { world, other } = createOtherWorld();
    const artwork = await paint(world);
    await world.settle();
    other.finish(other.jobs[0]!);
    await world.pass(60_000);
    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
    expect(other.jobs).toHaveLength(1);
  });

  it("shows its operation in the timeline as it is", async () => {
    const { world, other } = createOtherWorld();
    const artwork = await paint(world);
    await world.settle();
    const { data } = await timelineOf(world, artwork.id);
    expect(data.at(-1)?.data).toMatchObject({ status: "processing", region: "eu", jobId: other.jobs[0]?.id });
  });

  it("names a job whose create call was not answered by a callback, and for one generation only", async () => {
    const { world, other } = createOtherWorld();
    other.loseAnswers(true);
    const first = await paint(world);
    await world.settle();
    const second = await paint(world);
    await world.settle();
    const [job, otherJob] = other.jobs;
    other.finish(job!);
    const { body, signature } = await callbackOf(job!);

    await callBack(world, job?.url ?? "", body, signature);
    await world.settle();
    // The same job, claimed for another generation.
    await callBack(world, otherJob?.url ?? "", body, signature);
    await world.settle();

    expect(await statusOf(world, first.id)).toMatchObject({ status: "completed" });
    expect(await statusOf(world, second.id)).toMatchObject({ status: "submitting" });
    expect(other.jobs).toHaveLength(2);
  });

  it("is not confused with another provider whose operations look alike", async () => {
    const { world, other } = createOtherWorld();
    other.loseAnswers(true);
    const artwork = await paint(world);
    const elsewhere = await generate(world, { prompt: "a wolf [sim:no-callback]" });
    await world.settle();
    const [job] = other.jobs;
    await env.DB.prepare("update generations set operation = ? where artwork_id = ?")
      .bind(JSON.stringify({ jobId: job?.id, region: "eu", status: "accepted" }), elsewhere.id)
      .run();
    other.finish(job!);
    const { body, signature } = await callbackOf(job!);

    await callBack(world, job?.url ?? "", body, signature);
    await world.settle();

    expect(await statusOf(world, artwork.id)).toMatchObject({ status: "completed" });
  });

  it("moves nothing by a callback that is unsigned, forged or at another provider's path", async () => {
    const { world, other } = createOtherWorld();
    const artwork = await paint(world);
    await world.settle();
    const [job] = other.jobs;
    const url = job?.url ?? "";
    const { body, signature } = await callbackOf(job!);
    const forged = await callbackOf(job!, "another-secret");
    const elsewhere = (path: string) => url.replace("/api/callbacks/other", path);
    const before = await statusOf(world, artwork.id);

    const answers = [
      await callBack(world, url, body, ""),
      await callBack(world, url, body, forged.signature),
      await callBack(world, elsewhere("/api/kie/kie-callback"), body, signature),
      await callBack(world, elsewhere("/api/callbacks/kie"), body, signature),
      await callBack(world, elsewhere("/api/callbacks/workers-ai"), body, signature),
      await callBack(world, elsewhere("/api/callbacks/nobody"), body, signature),
      await callBack(world, url.replace(/token=.*/, "token=wrong"), body, signature),
    ];
    await world.settle();

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 404, 404, 404, 404]);
    expect(await statusOf(world, artwork.id)).toEqual(before);
  });
});
