import { describe, expect, it } from "vitest";
import { advance } from "../../../src/domain/lifecycle/advance.ts";
import { newestGeneration } from "../../../src/domain/artworks/queries.ts";
import { generate, read, readProblem, statusOf, timelineOf } from "../../support/expect.ts";
import type { ArtworkBody, GenerationBody } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import type { World, WorldOptions } from "../../support/harness.ts";
import { chatOnce, whileTimePasses } from "../../support/openai.ts";

const MINUTE = 60_000;
const BETTER = "a red fox in deep snow, low winter sun, oil on canvas";
const SERVER = {
  EXTERNAL_API_BASE: "https://llm.example/v1",
  EXTERNAL_MODEL: "writer-1",
  EXTERNAL_API_KEY: "llm-key",
};

interface Optimized extends ArtworkBody {
  readonly optimizedPrompt: string | null;
  readonly generation: GenerationBody & {
    readonly promptOptimization: { readonly status: string; readonly message: string | null } | null;
  };
}

interface ReceivedRequest {
  readonly url: string;
  readonly authorization: string | null;
  readonly body: { readonly model: string; readonly messages: readonly { role: string; content: string }[] };
}

const completion = (content: unknown): Response => Response.json({ choices: [{ message: { content } }] });

/** A world whose optimisation server gives this answer; `requests` holds the received requests. */
function worldOf(answer: () => Response | Promise<Response>, options: WorldOptions = {}) {
  const requests: ReceivedRequest[] = [];
  const world = createWorld({
    ...options,
    vars: { ...SERVER, ...options.vars },
    intercept: async (request) => {
      if (new URL(request.url).hostname !== "llm.example") return null;
      requests.push({
        url: request.url,
        authorization: request.headers.get("Authorization"),
        body: await request.json(),
      });
      return await answer();
    },
  });
  return { world, requests };
}

const show = (world: World, id: string) => read<Optimized>(world, `/api/artworks/${id}`);
async function made(world: World, body: Record<string, unknown> = {}): Promise<Optimized> {
  const artwork = await generate(world, { prompt: "a fox", optimizePrompt: true, ...body });
  await world.pass(MINUTE);
  return await show(world, artwork.id);
}

describe("a prompt with optimization", () => {
  it("is sent as the server wrote it, and both prompts are recorded and shown", async () => {
    const { world, requests } = worldOf(() => completion(` ${BETTER}\n`));

    const artwork = await made(world);

    expect(artwork).toMatchObject({
      status: "ready",
      prompt: "a fox",
      optimizedPrompt: BETTER,
      generation: { input: { prompt: BETTER }, promptOptimization: { status: "optimized", message: null } },
    });
    expect(world.simulator.tasks.map(({ body }) => body["prompt"])).toEqual([BETTER]);
    expect(requests).toStrictEqual([
      {
        url: "https://llm.example/v1/chat/completions",
        authorization: "Bearer llm-key",
        body: {
          model: "writer-1",
          messages: [
            { role: "system", content: expect.stringContaining("prompt") },
            { role: "user", content: "a fox" },
          ],
        },
      },
    ]);
    expect((await timelineOf(world, artwork.id)).slice(0, 3)).toEqual([
      "artwork.queued",
      "generation.prompt_optimization",
      "artwork.submitting",
    ]);
  });

  it("is pending in the answer to the request, which does not wait for the server", async () => {
    const { world, requests } = worldOf(() => completion(BETTER));

    const artwork = (await generate(world, { prompt: "a fox", optimizePrompt: true })) as Optimized;

    expect(artwork.generation.promptOptimization).toEqual({ status: "pending", message: null });
    expect([artwork.optimizedPrompt, requests.length]).toEqual([null, 0]);
  });

  it.each([
    "https://llm.example",
    "https://llm.example/",
    "https://llm.example/v1/",
    "https://llm.example/v1/chat/completions",
  ])("reaches a server given as %s", async (EXTERNAL_API_BASE) => {
    const { world, requests } = worldOf(() => completion(BETTER), { vars: { EXTERNAL_API_BASE } });

    await made(world);

    expect(requests.map(({ url }) => url)).toEqual(["https://llm.example/v1/chat/completions"]);
  });

  it("is stripped of quotation marks and reasoning from the server", async () => {
    const { world } = worldOf(() => completion(`<think>hm,\n a fox</think>\n"${BETTER}"`));

    expect((await made(world)).optimizedPrompt).toBe(BETTER);
  });

  it.each<[string, () => Response | Promise<Response>, string]>([
    ["refuses the key", () => new Response("no", { status: 401 }), "EXTERNAL_API_KEY"],
    ["knows no such path", () => new Response("no", { status: 404 }), "EXTERNAL_API_BASE"],
    ["is broken", () => new Response("<html>", { status: 502 }), "HTTP 502"],
    ["speaks another language", () => Response.json({ text: "hi" }), "EXTERNAL_API_BASE"],
    ["says nothing", () => completion("  "), "empty"],
    ["writes a prompt that is too long for the model", () => completion("x".repeat(200_000)), "does not fit"],
    ["is not there", () => Promise.reject(new TypeError("Network connection lost.")), "cannot be reached"],
    ["is slow", () => Promise.reject(new DOMException("late", "TimeoutError")), "within 10 seconds"],
  ])("is sent unchanged when the server %s, and the answer reports it", async (_what, answer, words) => {
    const { world, requests } = worldOf(answer);

    const artwork = await made(world, { model: "z-image" });

    expect(artwork).toMatchObject({
      status: "ready",
      prompt: "a fox",
      optimizedPrompt: null,
      generation: { promptOptimization: { status: "unavailable", message: expect.stringContaining(words) } },
    });
    expect(artwork.generation.promptOptimization?.message).toContain("The original prompt is used.");
    expect(world.simulator.tasks.map(({ body }) => (body["input"] as { prompt: string }).prompt)).toEqual([
      "a fox",
    ]);
    expect(requests).toHaveLength(1);
  });

  it("is never in the log, neither original nor optimized", async () => {
    const { world } = worldOf(() => completion(BETTER));

    await made(world, { prompt: "a very secret fox" });

    const log = JSON.stringify(world.logs);
    expect(log).not.toContain("secret fox");
    expect(log).not.toContain(BETTER);
  });

  it("is not optimized again when its start is postponed", async () => {
    const { world, requests } = worldOf(() => completion("a fox [sim:create-429=2]"));

    expect((await made(world)).status).toBe("ready");
    expect([requests.length, world.simulator.creates()]).toEqual([1, 1]);
  });

  it("is the same for the fallback as for the first model", async () => {
    const { world, requests } = worldOf(() => completion(`${BETTER} [sim:create-505=1]`));

    const artwork = await made(world, { fallbackModels: ["@cf/black-forest-labs/flux-1-schnell"] });

    expect(artwork.generation).toMatchObject({
      model: "@cf/black-forest-labs/flux-1-schnell",
      input: { prompt: `${BETTER} [sim:create-505=1]` },
    });
    expect(requests).toHaveLength(1);
  });

  it("is sent unchanged when only the fallback rejects the optimized one", async () => {
    const { world } = worldOf(() => completion("x".repeat(3_000)));

    const artwork = await made(world, { fallbackModels: ["@cf/black-forest-labs/flux-1-schnell"] });

    expect(artwork).toMatchObject({ optimizedPrompt: null, generation: { input: { prompt: "a fox" } } });
  });

  it("is sent as recorded when two runs take the step at the same time", async () => {
    let answers = 0;
    const { world } = worldOf(() => completion(`${BETTER} ${(answers += 1)}`));
    const { id } = await generate(world, { prompt: "a fox", optimizePrompt: true });
    const row = (await newestGeneration(world.deps, "root", id))!;

    await Promise.all([advance(world.deps, row), advance(world.deps, row)]);
    await world.pass(MINUTE);

    const artwork = await show(world, id);
    expect(world.simulator.tasks.map(({ body }) => body["prompt"])).toEqual([artwork.optimizedPrompt]);
  });
});

describe("a regenerate", () => {
  it("inherits the original prompt and optimizes it again", async () => {
    let answers = 0;
    const { world, requests } = worldOf(() => completion(`${BETTER} ${(answers += 1)}`));
    const { id } = await made(world);

    await world.call("POST", `/api/artworks/${id}/regenerate`);
    await world.pass(MINUTE);

    expect(requests.map(({ body }) => body.messages[1]?.content)).toEqual(["a fox", "a fox"]);
    expect(await show(world, id)).toMatchObject({ prompt: "a fox", optimizedPrompt: `${BETTER} 2` });
  });

  it("is sent unchanged when the request disables optimization", async () => {
    const { world } = worldOf(() => completion(BETTER));
    const { id } = await made(world);

    await world.call("POST", `/api/artworks/${id}/regenerate`, { body: { optimizePrompt: false } });
    await world.pass(MINUTE);

    expect(await show(world, id)).toMatchObject({
      optimizedPrompt: null,
      generation: { promptOptimization: null, input: { prompt: "a fox" } },
    });
  });
});

describe("PROMPT_OPTIMIZATION", () => {
  it("is shown with the original prompt in a chat, and as the revised prompt of an image", async () => {
    const { world } = worldOf(() => completion(BETTER), { vars: { PROMPT_OPTIMIZATION: "true" } });

    const chat = await chatOnce(world, "a fox");
    const images = await whileTimePasses(
      world,
      world.call("POST", "/v1/images/generations", { body: { prompt: "a fox" } }),
    );

    expect(chat.choices[0]?.message.content).toMatch(
      new RegExp(`\\*\\*Prompt:\\*\\* a fox\\s+\\*\\*Optimized prompt:\\*\\* ${BETTER}`),
    );
    const { data } = await images.json<{ data: { revised_prompt?: string }[] }>();
    expect(data.map(({ revised_prompt }) => revised_prompt)).toEqual([BETTER]);
  });

  it("applies to every request that does not disable it", async () => {
    const { world, requests } = worldOf(() => completion(BETTER), { vars: { PROMPT_OPTIMIZATION: "true" } });

    const { id: every } = await generate(world, { prompt: "a fox" });
    const { id: none } = await generate(world, { prompt: "a hare", optimizePrompt: false });
    await world.pass(MINUTE);

    expect((await show(world, every)).optimizedPrompt).toBe(BETTER);
    expect((await show(world, none)).optimizedPrompt).toBeNull();
    expect(requests).toHaveLength(1);
  });

  it("does not change an edit instruction unless the request enables optimization", async () => {
    const { world, requests } = worldOf(() => completion(BETTER), { vars: { PROMPT_OPTIMIZATION: "true" } });
    const [image, mask] = ["https://example.com/a.png", "https://example.com/b.png"];
    const edit = { prompt: "make it night", model: "gpt-4o-image", images: [image] };

    const plain = await generate(world, edit);
    const masked = await generate(world, { ...edit, mask });
    const wanted = await generate(world, { ...edit, optimizePrompt: true });
    await world.pass(MINUTE);

    const shown = await Promise.all([plain, masked, wanted].map(({ id }) => show(world, id)));
    expect(shown.map(({ optimizedPrompt }) => optimizedPrompt)).toEqual([null, null, BETTER]);
    expect(requests).toHaveLength(1);
  });

  it("without a server only adds a notice, while an explicit request is refused", async () => {
    const vars = { PROMPT_OPTIMIZATION: "true", EXTERNAL_API_BASE: "" };
    const world = createWorld({ vars: { ...SERVER, ...vars } });
    const { id } = await generate(world, { prompt: "a fox" });
    await world.pass(MINUTE);
    expect(await statusOf(world, id)).toMatchObject({
      status: "completed",
      promptOptimization: { status: "unavailable", message: expect.stringContaining("EXTERNAL_API_BASE") },
    });

    const body = { prompt: "a fox", optimizePrompt: true };
    const response = await world.call("POST", "/api/artworks/generate", { body });
    expect([response.status, (await readProblem(response)).errors]).toMatchObject([
      422,
      [{ path: "optimizePrompt", message: expect.stringContaining("EXTERNAL_API_BASE") }],
    ]);
    expect(await world.call("GET", "/api/health").then((health) => health.json())).toMatchObject({
      status: "ok",
      components: { promptOptimization: { status: "not_configured" } },
    });
  });

  it("ignores a job without a prompt", async () => {
    const { world, requests } = worldOf(() => completion(BETTER), { vars: { PROMPT_OPTIMIZATION: "true" } });

    const { id } = await generate(world, { model: "gpt-4o-image", images: ["https://example.com/a.png"] });
    await world.pass(MINUTE);

    expect(await show(world, id)).toMatchObject({ status: "ready", optimizedPrompt: null });
    expect(requests).toHaveLength(0);
  });
});
