/** `npm run test:redis`: publishes the ends of generations to a real Redis, whose failure delays no generation. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, missingRedis, PASSWORD, startBlackHole, startRedis } from "./redis-server.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { freePort } from "../../src/dev/worker.ts";

const TASK_MS = 500;
/** Less than the two seconds of the Redis timeout, so that a generation that waits for Redis fails the test. */
const MOST_DELAY_MS = 1_500;
const CHANNEL = "darkroom:artworks:root";
const STREAM = `${CHANNEL}:stream`;

interface Artwork {
  readonly id: string;
  readonly status: string;
  readonly outputs: readonly { readonly url: string }[];
  readonly generation: { readonly status: string; readonly terminal: boolean };
  readonly urls: { readonly self: string; readonly status: string; readonly cancel: string };
}
interface Notice {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Artwork;
}

const skip = missingRedis() ?? false;

void describe("Redis", { skip, timeout: 300_000 }, () => {
  const lines: string[] = [];
  let url = "";
  let port = 0;
  let stage: Stage;

  before(async () => {
    port = await freePort();
    const vars = { REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${port}` };
    stage = await startStage({ taskMs: TASK_MS, vars, onLine: (line) => void lines.push(line) });
    url = stage.url;
  });
  after(() => stage?.close());

  const post = async (path: string, body: unknown = {}): Promise<Artwork> => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 202, await response.clone().text());
    return (await response.json()) as Artwork;
  };
  const generate = (prompt: string) => post("/api/artworks/generate", { prompt });
  /** Milliseconds from the request to the end of a generation. */
  const measure = async (prompt: string): Promise<number> => {
    const startedAt = performance.now();
    const artwork = await generate(prompt);
    for (;;) {
      const response = await fetch(`${artwork.urls.status}?wait=20`);
      const generation = (await response.json()) as Artwork["generation"];
      if (generation.status === "completed") return performance.now() - startedAt;
      assert.equal(generation.terminal, false, JSON.stringify(generation));
    }
  };
  const medianOf = async (name: string): Promise<number> => {
    const times: number[] = [];
    for (let count = 0; count < 5; count += 1) times.push(await measure(`${name} ${count}`));
    const median = times.toSorted((one, other) => one - other)[2] ?? Infinity;
    console.log(`Redis ${name}: a generation takes ${median.toFixed(0)} ms, ${TASK_MS} of them provider`);
    return median;
  };
  const ping = async () => {
    const response = await fetch(`${url}/api/redis/ping`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  /** The result of a ping is cached for some seconds. */
  const pingUntil = async (status: number, code?: string) => {
    for (let tries = 0; tries < 60; tries += 1) {
      const found = await ping();
      if (found.status === status && found.body["code"] === code) return found.body;
      await sleep(250);
    }
    return assert.fail(`no ping answered ${status} ${code}: ${JSON.stringify(await ping())}`);
  };
  const health = async () => {
    const response = await fetch(`${url}/api/health`);
    const { components } = (await response.json()) as { components: Record<string, { status: string }> };
    return { status: response.status, redis: components["redis"]?.status };
  };
  /** All notices from now on, and a wait for the notice of one artwork. */
  const subscribe = async () => {
    const client = connect(port);
    const notices: string[] = [];
    client.on("message", (channel: string, message: string) => {
      assert.equal(channel, CHANNEL);
      notices.push(message);
    });
    await client.subscribe(CHANNEL);
    const noticeOf = async (artworkId: string): Promise<{ text: string; notice: Notice }> => {
      for (let tries = 0; tries < 200; tries += 1) {
        const text = notices.find((message) => message.includes(artworkId));
        if (text !== undefined) return { text, notice: JSON.parse(text) as Notice };
        await sleep(50);
      }
      return assert.fail(`nothing was published of ${artworkId}`);
    };
    return { notices, noticeOf, close: () => client.disconnect() };
  };

  void it("delays no generation and fails none, whether it is alive, dead, silent or killed meanwhile", async () => {
    await measure("warm-up");
    const dead = await medianOf("dead from the start");
    assert.deepEqual(Object.keys(await pingUntil(503, "unreachable")), ["ok", "reason", "code"]);
    assert.deepEqual(await health(), { status: 200, redis: "down" });

    const server = await startRedis(port);
    const alive = await medianOf("alive");
    const midway = measure("killed in the middle");
    await sleep(TASK_MS / 2);
    await server.kill();
    const killed = await midway;

    const hole = await startBlackHole(port);
    const silent = await medianOf("silent");
    assert.ok(hole.taken() >= 5, "the silent server got connections");
    await pingUntil(503, "timed_out");
    assert.deepEqual(await health(), { status: 200, redis: "down" });
    await hole.close();

    for (const other of [dead, killed, silent]) {
      assert.ok(other <= alive + MOST_DELAY_MS, `${other} ms instead of ${alive}`);
    }
  });

  void it("publishes the end of each generation, and adds the same notice to a bounded stream", async () => {
    const server = await startRedis(port);
    const subscriber = await subscribe();
    const reader = connect(port);
    try {
      assert.equal(typeof (await pingUntil(200))["latencyMs"], "number");
      assert.deepEqual(await health(), { status: 200, redis: "ok" });
      const made = await generate("a fox");
      const refused = await generate("a fox [sim:fail-422-policy]");
      const unwanted = await generate("a fox [sim:stuck]");
      await post(`/api/artworks/${unwanted.id}/cancel`);

      const { text, notice } = await subscriber.noticeOf(made.id);
      assert.equal(notice.type, "artwork.completed");
      assert.equal(new Date(notice.timestamp).toISOString(), notice.timestamp);
      assert.deepEqual(notice.data, await (await fetch(made.urls.self)).json());
      assert.equal(notice.data.outputs[0]?.url.startsWith(`${url}/media/`), true);
      assert.equal((await subscriber.noticeOf(refused.id)).notice.type, "artwork.failed");
      assert.equal((await subscriber.noticeOf(unwanted.id)).notice.type, "artwork.canceled");
      assert.equal(subscriber.notices.length, 3);

      const entries = await reader.xrange(STREAM, "-", "+");
      assert.deepEqual(
        entries.map(([, fields]) => fields[0]),
        ["notice", "notice", "notice"],
      );
      assert.ok(entries.some(([, fields]) => fields[1] === text));
      assert.ok((await reader.ttl(STREAM)) > 6 * 24 * 3_600);
    } finally {
      subscriber.close();
      reader.disconnect();
      await server.kill();
    }
  });

  void it("reports a refusal without the password", async () => {
    const server = await startRedis(port, "another-password");
    try {
      const refused = await pingUntil(503, "refused");
      assert.ok(!JSON.stringify(refused).includes(String(port)));
      await measure("refused");
      await sleep(500);
    } finally {
      await server.kill();
    }
    const log = lines.join("\n");
    assert.match(log, /redis\.not_published[^\n]*unreachable/);
    assert.match(log, /redis\.not_published[^\n]*timed_out/);
    assert.match(log, /redis\.not_published[^\n]*refused/);
    assert.ok(!log.includes(PASSWORD));
    assert.doesNotMatch(log, /Uncaught|Unhandled|hung/i);
  });
});
