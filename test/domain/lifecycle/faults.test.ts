import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { failure, isRetryable } from "../../../src/domain/failure.ts";
import type { FailureCode } from "../../../src/domain/failure.ts";
import { generate, statusOf } from "../../support/expect.ts";
import { createWorld } from "../../support/harness.ts";
import { FAULTS, WIRE_FAULTS } from "./fault-table.ts";

const MINUTE = 60_000;
const WEBHOOK_KEY = "webhook-hmac-key";

/** The first plays every fault. The others are KIE's other wires, and a video on the common wire. */
const MODELS = [
  ["google/nano-banana", "image"],
  ["flux-kontext-pro", "image"],
  ["gpt-4o-image", "image"],
  ["sora-2-text-to-video", "video"],
  ["veo3", "video"],
] as const;

const CASES = Object.entries(FAULTS).flatMap(([name, faults]) =>
  faults.map((fault) => ({
    ...fault,
    marker: `[sim:${name}${fault.with ?? ""}]`,
    dependsOnModel: WIRE_FAULTS.has(name) || typeof fault.end === "object",
  })),
);

/** The fast tests play a fault on the other wires only where a wire has code of its own for it; the proof plays all. */
const casesOf = (model: string) =>
  env.DARKROOM_WIRES === "all" || model === MODELS[0][0]
    ? CASES
    : CASES.filter((fault) => fault.dependsOnModel);

/** Aborts a hanging create call at once, so that the test does not wait for its timeout of a minute. */
const abortedCreate =
  (send: (url: string, init?: RequestInit) => Promise<Response>) => (url: string, init?: RequestInit) =>
    send(url, init?.method === "POST" ? { ...init, signal: AbortSignal.abort() } : init);

describe.each(MODELS)("a fault of the provider with %s", (model, kind) => {
  it.each(casesOf(model))("$marker ends as $end", async (fault) => {
    const { marker, creates = 1 } = fault;
    const end = typeof fault.end === "string" ? fault.end : fault.end[kind];
    const world = createWorld({
      network: marker.includes("create-hang") ? abortedCreate : (send) => send,
      simulator: { webhookHmacKey: WEBHOOK_KEY },
      vars: { KIE_WEBHOOK_HMAC_KEY: WEBHOOK_KEY },
    });
    const artwork = await generate(world, { model, prompt: `kites ${marker}`, deadlineSeconds: 900 });

    await world.pass(17 * MINUTE);

    const { status, terminal, error, outputs } = await statusOf(world, artwork.id);
    expect({ terminal, end: error?.code ?? status }).toEqual({ terminal: true, end });
    expect(world.simulator.creates()).toBe(creates);
    const made = end === "completed" ? world.simulator.tasks[0]?.sha256 : [];
    expect(outputs.map(({ sha256 }) => sha256)).toEqual(fault.isPadded ? made?.map(anyHash) : made);
    expect(error).toEqual(end === "completed" ? null : errorOf(end, fault.says));
  });
});

const anyHash = () => expect.stringMatching(/^[0-9a-f]{64}$/) as string;

/** The provider's own message may follow the sentence. */
const errorOf = (code: FailureCode, says = failure(code).message) => ({
  code,
  retryable: isRetryable(code),
  message: expect.stringContaining(says) as string,
});
