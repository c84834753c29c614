import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { failure, isRetryable } from "../../../src/domain/failure.ts";
import type { FailureCode } from "../../../src/domain/failure.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import { BAD_DAYS, WIRE_FAULTS } from "./fault-table.ts";

const MINUTE = 60_000;
const WEBHOOK_KEY = "webhook-hmac-key";

/** The first plays every fault. The others are KIE's other wires, and a video on the common wire. */
const PLAYED = [
  ["google/nano-banana", "image"],
  ["flux-kontext-pro", "image"],
  ["gpt-4o-image", "image"],
  ["sora-2-text-to-video", "video"],
  ["veo3", "video"],
] as const;

const DAYS = Object.entries(BAD_DAYS).flatMap(([name, days]) =>
  days.map((day) => ({
    ...day,
    marker: `[sim:${name}${day.with ?? ""}]`,
    dependsOnModel: WIRE_FAULTS.has(name) || typeof day.end === "object",
  })),
);

/** The fast tests play a fault on the other wires only where a wire has code of its own for it; the proof plays all. */
const daysOf = (model: string) =>
  env.DARKROOM_WIRES === "all" || model === PLAYED[0][0] ? DAYS : DAYS.filter((day) => day.dependsOnModel);

/** A create call that hangs is given up at once, instead of after a minute that a test would have to wait. */
const impatient =
  (send: (url: string, init?: RequestInit) => Promise<Response>) => (url: string, init?: RequestInit) =>
    send(url, init?.method === "POST" ? { ...init, signal: AbortSignal.abort() } : init);

describe.each(PLAYED)("a bad day of %s", (model, kind) => {
  it.each(daysOf(model))("$marker ends as $end", async (day) => {
    const { marker, creates = 1 } = day;
    const end = typeof day.end === "string" ? day.end : day.end[kind];
    const world = createWorld({
      network: marker.includes("create-hang") ? impatient : (send) => send,
      simulator: { webhookHmacKey: WEBHOOK_KEY },
      vars: { KIE_WEBHOOK_HMAC_KEY: WEBHOOK_KEY },
    });
    const artwork = await generate(world, { model, prompt: `kites ${marker}`, deadlineSeconds: 900 });

    await world.pass(17 * MINUTE);

    const { status, terminal, error, outputs } = await statusOf(world, artwork.id);
    expect({ terminal, end: error?.code ?? status }).toEqual({ terminal: true, end });
    expect(world.simulator.creates()).toBe(creates);
    const made = end === "completed" ? world.simulator.tasks[0]?.sha256 : [];
    expect(outputs.map(({ sha256 }) => sha256)).toEqual(day.isPadded ? made?.map(anyHash) : made);
    expect(error).toEqual(end === "completed" ? null : errorOf(end, day.says));
  });
});

const anyHash = () => expect.stringMatching(/^[0-9a-f]{64}$/) as string;

/** The sentence may go on with what the provider said. */
const errorOf = (code: FailureCode, says = failure(code).message) => ({
  code,
  retryable: isRetryable(code),
  message: expect.stringContaining(says) as string,
});
