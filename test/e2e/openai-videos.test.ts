/** OpenAI's own client against the real Worker under the real `wrangler dev`: every supported call of its Videos API. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, {
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  toFile,
} from "openai";
import type { ClientOptions } from "openai";
import { png } from "../support/fixtures/images.ts";
import type { SimulatedTask, Simulator } from "../../src/simulator/simulator.ts";
import { openSlowNetwork } from "./slow-network.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const KEY = "videos-key";
const TIME_LIMIT_MS = 20_000;

type Video = OpenAI.Video;

let stage: Stage;
let simulator: Simulator;
let client: OpenAI;

const clientAt = (origin: string, options: Pick<ClientOptions, "timeout" | "apiKey" | "fetch"> = {}) =>
  new OpenAI({ baseURL: `${origin}/v1`, apiKey: KEY, ...options });

/** Polls the video until its end at the interval of the answers, like the client's own pollers. */
async function poll(id: string): Promise<Video> {
  const giveUpAt = Date.now() + TIME_LIMIT_MS;
  while (Date.now() < giveUpAt) {
    const { data: video, response } = await client.videos.retrieve(id).withResponse();
    if (video.status === "completed" || video.status === "failed") return video;
    const interval = Number(response.headers.get("openai-poll-after-ms"));
    assert.ok(interval >= 1_000, "a running video names the interval of polls");
    await sleep(interval);
  }
  throw new Error(`the video ${id} has not ended`);
}

const createAndPoll = async (body: OpenAI.VideoCreateParams): Promise<Video> =>
  await poll((await client.videos.create(body)).id);

const promptOf = ({ body }: SimulatedTask): string =>
  String((body["input"] as { readonly prompt?: string } | undefined)?.prompt);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The error of a client's call. */
async function errorOf(call: Promise<unknown>): Promise<APIError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof APIError, `it throws an APIError and not ${String(error)}`);
  return error;
}

before(async () => {
  stage = await startStage({ taskMs: 500, vars: { API_KEY: KEY } });
  simulator = stage.simulator;
  client = clientAt(stage.url);
});

after(() => stage?.close());

void describe("client.videos", () => {
  void it("creates a video of an image in a form, polls it, and downloads the bytes that the provider made", async () => {
    const video = await createAndPoll({
      model: "sora-2",
      prompt: "the clouds begin to move",
      size: "1280x720",
      seconds: "12",
      input_reference: await toFile(await png("clouds"), "clouds.png", { type: "image/png" }),
    });

    assert.partialDeepStrictEqual(video, {
      object: "video",
      model: "sora-2",
      status: "completed",
      progress: 100,
      size: "1280x720",
      seconds: "15",
      error: null,
    });
    const task = simulator.tasks.at(-1);
    assert.equal(task?.model, "sora-2-image-to-video");
    const downloaded = await client.videos.downloadContent(video.id);
    const bytes = new Uint8Array(await downloaded.arrayBuffer());
    assert.equal(downloaded.headers.get("Content-Type"), "video/mp4");
    assert.deepEqual([sha256(bytes)], task?.sha256);
    const part = await client.videos.downloadContent(
      video.id,
      { variant: "video" },
      { headers: { Range: "bytes=0-9" } },
    );
    assert.equal(part.status, 206);
    assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(0, 10));
  });

  void it("accepts the link of an image, and makes a video without one", async () => {
    const link = `data:image/png;base64,${Buffer.from(await png("link")).toString("base64")}`;
    const linked = await client.videos.create({ prompt: "a river", input_reference: { image_url: link } });
    const plain = await client.videos.create({ prompt: "a river", model: "kling-2.6/text-to-video" });

    assert.equal(linked.status, "queued");
    assert.equal(plain.model, "kling-2.6/text-to-video");
    assert.deepEqual([plain.seconds, plain.size], ["5", "720x1280"]);
  });

  void it("lists page by page, in both orders", async () => {
    const all: string[] = [];
    for await (const video of client.videos.list({ limit: 1 })) all.push(video.id);
    const oldest = await client.videos.list({ order: "asc" });

    assert.ok(all.length >= 3, "there are several pages");
    assert.deepEqual(
      oldest.data.map(({ id }) => id),
      all.toReversed(),
    );
  });

  void it("remixes a video, and deletes it", async () => {
    const source = await createAndPoll({ prompt: "a paper crane", model: "veo3" });
    const remix = await client.videos.remix(source.id, { prompt: "a paper crane at night" });

    assert.notEqual(remix.id, source.id);
    assert.equal(remix.remixed_from_video_id, source.id);
    assert.equal(remix.prompt, "a paper crane at night");
    const deleted = await client.videos.delete(source.id);
    assert.deepEqual(deleted, { id: source.id, object: "video.deleted", deleted: true });
    assert.equal((await errorOf(client.videos.retrieve(source.id))).status, 404);
    assert.equal((await poll(remix.id)).status, "completed");
  });

  void it("throws typed errors with code, field and request id, without a retry", async () => {
    const unknown = await errorOf(client.videos.create({ prompt: "a fox", model: "sora-9" }));
    const bad = await errorOf(client.videos.create({ prompt: "", seconds: "12", model: "veo3" }));
    const stranger = await errorOf(clientAt(stage.url, { apiKey: "wrong" }).videos.list());
    const running = await client.videos.create({ prompt: "a fox [sim:stuck]" });
    let tries = 0;
    const counting = clientAt(stage.url, {
      fetch: (...sent) => {
        tries += 1;
        return fetch(...sent);
      },
    });
    const early = await errorOf(counting.videos.downloadContent(running.id));

    assert.ok(unknown instanceof NotFoundError);
    assert.deepEqual([unknown.code, unknown.param], ["model_not_found", "model"]);
    assert.ok(bad instanceof BadRequestError);
    assert.match(bad.message, /seconds must be at most 8.*prompt must not be empty/);
    assert.ok(stranger instanceof AuthenticationError);
    assert.ok(early instanceof ConflictError);
    assert.equal(early.code, "video_not_completed");
    assert.equal(tries, 1, "it was not tried again");
    assert.match(early.requestID ?? "", /^[\w-]{8,}$/);
    assert.equal(
      (await errorOf(client.videos.downloadContent(running.id, { variant: "thumbnail" }))).status,
      404,
    );
    await client.videos.delete(running.id);
  });
});

void describe("a retry", () => {
  void it("after a timeout of 300 ms spends once, with and without an image", async (test) => {
    const network = await openSlowNetwork(stage.url, 1_500);
    test.after(network.close);
    const hasty = clientAt(network.url, { timeout: 300 });
    const file = await toFile(await png("money"), "money.png", { type: "image/png" });
    const prompts = ["a coin [sim:slow=30]", "a banknote [sim:slow=30]"];
    const [coin = "", banknote = ""] = prompts;

    const errors = [
      await errorOf(hasty.videos.create({ prompt: coin })),
      await errorOf(hasty.videos.create({ prompt: banknote, input_reference: file })),
    ];

    assert.ok(errors.every((error) => error instanceof APIConnectionTimeoutError));
    assert.equal(network.requests(), 6);
    await sleep(2_000);
    const sent = simulator.tasks.map(promptOf).filter((prompt) => prompts.includes(prompt));
    assert.deepEqual(sent, prompts);
    const { data } = await client.videos.list({ limit: 100 });
    assert.equal(data.filter(({ prompt }) => prompts.includes(prompt ?? "")).length, 2);
  });
});
