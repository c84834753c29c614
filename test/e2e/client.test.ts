/** `npm run test:client`: the client as the Worker serves it, in Node, against the real `wrangler dev`. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ArtworkEvent, Darkroom, DarkroomOptions } from "../../src/client/index.ts";
import { png } from "../support/fixtures/images.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import { startStage, timelineOf } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";

interface ClientModule {
  readonly createDarkroom: (options: DarkroomOptions) => Darkroom;
  readonly DarkroomError: new (...given: never[]) => Error;
}

/** A program with correct and incorrect uses of the types. */
const CONSUMER = `
import { createDarkroom, DarkroomError } from "./client.js";
import type { Artwork, ArtworkEvent, Generation, Output } from "./client.js";
const darkroom = createDarkroom({ baseUrl: "", apiKey: "key" });
const made: Artwork = await darkroom.generate({ prompt: "a fox", input: { n_frames: "10" } }, { wait: 5 });
for await (const event of darkroom.watch(made.id, { after: 0 })) {
  const received: ArtworkEvent = event;
  const generation: Generation = received.data.generation;
  const output: Output | undefined = generation.outputs[0];
  console.log(output?.url);
}
await darkroom.regenerate(made.id, { images: null, title: made.optimizedPrompt });
try { await darkroom.cancel(made.id); } catch (error) {
  if (error instanceof DarkroomError) console.log(error.status, error.errors[0]?.path);
}
// @ts-expect-error A prompt is required.
await darkroom.generate({});
// @ts-expect-error Null is not allowed here.
await darkroom.generate({ prompt: "a fox", images: null });
`;

const idsAndTypes = (events: readonly ArtworkEvent[]): string[] =>
  events.filter(({ id }) => id !== null).map(({ id, type }) => `${id} ${type}`);

void describe("the client", { timeout: 300_000 }, () => {
  let stage: Stage;
  let proxy: CuttingProxy;
  let directory = "";
  let client: ClientModule;

  before(async () => {
    stage = await startStage({ taskMs: 2_000 });
    proxy = await startCuttingProxy(stage.url);
    directory = await mkdtemp(join(tmpdir(), "darkroom-client-"));
    for (const file of ["client.js", "client.d.ts"]) {
      await writeFile(join(directory, file), await (await fetch(`${stage.url}/${file}`)).text());
    }
    await writeFile(join(directory, "package.json"), '{"type":"module"}');
    client = (await import(pathToFileURL(join(directory, "client.js")).href)) as ClientModule;
  });
  after(async () => {
    await proxy?.close();
    await stage?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const through = (baseUrl: string, more: Partial<DarkroomOptions> = {}): Darkroom =>
    client.createDarkroom({ baseUrl, ...more });
  const collect = async (watch: AsyncIterable<ArtworkEvent>): Promise<ArtworkEvent[]> => {
    const events: ArtworkEvent[] = [];
    for await (const event of watch) events.push(event);
    return events;
  };
  const generated = (prompt: string): number =>
    stage.simulator.tasks.filter(({ body }) => JSON.stringify(body).includes(prompt)).length;

  void it("makes an image, watches its events, and reads its bytes", async () => {
    const darkroom = through(stage.url);
    const artwork = await darkroom.generate({ prompt: "a fox at noon" });
    const events = await collect(darkroom.watch(artwork.id));
    assert.equal(events[0]?.type, "artwork.snapshot");
    assert.equal(events.at(-1)?.type, "artwork.completed");
    const [output] = events.at(-1)?.data.outputs ?? [];
    const image = await fetch(output?.url ?? "");
    assert.equal((await image.arrayBuffer()).byteLength, output?.bytes);
    assert.deepEqual(await darkroom.get(artwork.id), events.at(-1)?.data);
    assert.equal((await darkroom.list({ limit: 1 })).data[0]?.id, artwork.id);
  });

  void it("yields every event once and in order, however often the connection is cut", async () => {
    const artwork = await through(stage.url).generate({ prompt: "a fox in the rain" });
    const events: ArtworkEvent[] = [];
    let cuts = 0;
    for await (const event of through(proxy.url).watch(artwork.id, { after: 0 })) {
      events.push(event);
      cuts += proxy.cut();
    }
    assert.ok(cuts >= 3, `only ${cuts} connections were cut`);
    assert.deepEqual(idsAndTypes(events), await timelineOf(stage.url, artwork.id));
    console.log(`${events.length} events over ${cuts} cuts, each once and in order`);
  });

  void it("polls the same events where a proxy buffers streams", async () => {
    const withoutStreams: typeof fetch = (input, init) =>
      typeof input === "string" && input.endsWith("/events")
        ? Promise.resolve(new Response("<p>wait</p>", { headers: { "Content-Type": "text/html" } }))
        : fetch(input, init);
    const darkroom = through(stage.url, { fetch: withoutStreams });
    const artwork = await darkroom.generate({ prompt: "a fox in the fog" });
    const events = await collect(darkroom.watch(artwork.id, { after: 0 }));
    assert.deepEqual(idsAndTypes(events), await timelineOf(stage.url, artwork.id));
  });

  void it("makes an image once when the connection is cut before the answer", async () => {
    const darkroom = through(proxy.url);
    const request = darkroom.generate({ prompt: "a fox on thin ice" }, { wait: 10 });
    await until(() => generated("a fox on thin ice") > 0, 20_000, "the job is with the provider");
    assert.ok(proxy.cut() > 0);
    const artwork = await request;
    await collect(darkroom.watch(artwork.id));
    assert.equal(generated("a fox on thin ice"), 1);
    const again = await darkroom.regenerate(artwork.id, {}, { wait: 20 });
    assert.equal(again.generation.number, 2);
    assert.equal(again.generation.status, "completed");
  });

  void it("uploads, cancels, deletes, and throws descriptive errors", async () => {
    const darkroom = through(stage.url);
    const upload = await darkroom.upload(await png("upload"));
    assert.match(upload.id, /^upl_/);
    const edited = await darkroom.generate({ prompt: "make it night [sim:stuck]", images: [upload.id] });
    assert.equal((await darkroom.cancel(edited.id)).generation.status, "canceled");
    await darkroom.delete(edited.id);
    await assert.rejects(darkroom.get(edited.id), { name: "DarkroomError", status: 404, code: "not_found" });
    const refused = darkroom.generate({ prompt: "a fox", aspectRatio: "broad", variants: -1 });
    await assert.rejects(refused, (error: Error & { errors?: { path: string }[] }) => {
      assert.ok(error instanceof client.DarkroomError);
      assert.deepEqual(error.errors?.map(({ path }) => path).toSorted(), ["aspectRatio", "variants"]);
      return true;
    });
  });

  void it("has types for a strict program", async () => {
    await writeFile(join(directory, "consumer.ts"), CONSUMER);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit"];
    const modules = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "esnext"];
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const options = ["--ignoreConfig", ...strict, ...modules, "--lib", "esnext,dom"];
    await promisify(execFile)(process.execPath, [tsc, ...options, join(directory, "consumer.ts")]);
  });
});
