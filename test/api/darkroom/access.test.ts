import { describe, expect, it } from "vitest";
import { createWorld } from "../../support/harness.ts";
import type { ProblemBody } from "../../support/expect.ts";

describe("access", () => {
  it.each([
    ["GET", "/api/artworks"],
    ["POST", "/api/artworks/generate"],
    ["GET", "/api/artworks/art_x/generation-status"],
    ["DELETE", "/api/artworks/art_x"],
    ["GET", "/api/models"],
  ])("to %s %s takes the root key and nothing else", async (method, path) => {
    const world = createWorld();
    const statuses = await Promise.all(
      ["", "Bearer wrong", "Basic cm9vdA==", "Bearer root-key2"].map(async (Authorization) => {
        const response = await world.call(method, path, { headers: { Authorization } });
        return [response.status, response.headers.get("WWW-Authenticate")];
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 4 }, () => [401, 'Bearer realm="darkroom"']));
  });

  it("answers every caller 503 when neither a key nor development mode is configured", async () => {
    const world = createWorld({ vars: { API_KEY: "" } });
    const response = await world.call("GET", "/api/artworks");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "auth_not_configured" } });
  });

  it("without credentials is for this machine alone, and in development only", async () => {
    const world = createWorld({ vars: { API_KEY: "", DEV_MODE: "1" } });
    const from = async (headers: Record<string, string>) =>
      (await world.call("GET", "/api/models", { headers })).status;
    expect(await from({ Authorization: "Bearer wrong" })).toBe(401);
    const production = createWorld();
    const request = new Request("http://localhost:8787/api/models");
    expect((await production.send(request)).status).toBe(401);
    expect((await world.send(request)).status).toBe(200);
    expect((await world.send(new Request("https://darkroom.example/api/models"))).status).toBe(401);
    const remote = new Request(request, { headers: { "CF-Connecting-IP": "203.0.113.9" } });
    expect((await world.send(remote)).status).toBe(401);
  });
});

describe("every answer", () => {
  it("keeps a caller's request id, and makes one where there is none worth keeping", async () => {
    const world = createWorld();
    const kept = await world.call("GET", "/api/health", { headers: { "X-Request-Id": "my-request-1" } });
    expect(kept.headers.get("X-Request-Id")).toBe("my-request-1");
    const replaced = await world.call("GET", "/nowhere", { headers: { "X-Request-Id": "<b>" } });
    const problem = await replaced.json<ProblemBody>();
    expect(problem.requestId).toBe(replaced.headers.get("X-Request-Id"));
    expect(problem.requestId).not.toBe("<b>");
  });

  it("may be read from any origin, also when it is an error", async () => {
    const world = createWorld();
    const response = await world.call("GET", "/api/artworks/art_x", {
      headers: { Origin: "https://site.example" },
    });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Access-Control-Expose-Headers")?.toLowerCase().split(",")).toEqual(
      expect.arrayContaining(["x-request-id", "x-should-retry", "openai-poll-after-ms"]),
    );
    const preflight = await world.send(
      new Request("http://localhost/api/artworks/generate", {
        method: "OPTIONS",
        headers: {
          Origin: "https://site.example",
          "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "authorization,last-event-id,x-stainless-retry-count",
        },
      }),
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toBe(
      "authorization,last-event-id,x-stainless-retry-count",
    );
    expect(preflight.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  it("may be read only from CORS_ORIGINS where that is set", async () => {
    const world = createWorld({ vars: { CORS_ORIGINS: "https://a.example, https://b.example" } });
    const allowed = async (Origin: string) =>
      (await world.call("GET", "/api/health", { headers: { Origin } })).headers.get(
        "Access-Control-Allow-Origin",
      );
    expect(await allowed("https://b.example")).toBe("https://b.example");
    expect(await allowed("https://c.example")).toBeNull();
  });

  it.each([
    ["PUT", "/api/artworks", "GET, HEAD"],
    ["GET", "/api/artworks/generate", "POST"],
    ["DELETE", "/api/kie/kie-callback", "GET, HEAD, POST"],
  ])("to %s %s is 405 and says what is allowed", async (method, path, allow) => {
    const response = await createWorld().call(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toContain(allow.split(", ")[0]);
    expect(await response.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  });

  it("to an unforeseen error is a 500 that reveals nothing", async () => {
    const world = createWorld({
      deps: () => ({
        newId: () => {
          throw new Error("secret detail");
        },
      }),
    });
    const response = await world.call("POST", "/api/artworks/generate", { body: { prompt: "a" } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  it("says which variable is wrong when the configuration cannot be used", async () => {
    const world = createWorld({ vars: { MEDIA_BASE_URL: "not a url" } });
    const response = await world.call("GET", "/api/health");
    expect(response.status).toBe(503);
    expect((await response.json<ProblemBody>()).detail).toContain("MEDIA_BASE_URL");
  });
});

describe("health", () => {
  it("names each component, and is 503 with a sentence when a key is missing", async () => {
    const well = await createWorld().call("GET", "/api/health", { headers: { Authorization: "" } });
    expect(well.status).toBe(200);
    const ok = expect.objectContaining({ status: "ok" });
    expect(await well.json()).toMatchObject({
      status: "ok",
      components: { database: ok, storage: ok, cache: ok, provider: ok, auth: ok },
    });
    const unwell = await createWorld({ vars: { KIE_API_KEY: "", CF_API_TOKEN: "" } }).call(
      "GET",
      "/api/health",
    );
    expect(unwell.status).toBe(503);
    expect(await unwell.json()).toMatchObject({
      components: { provider: { status: "not_configured", message: expect.stringContaining("KIE_API_KEY") } },
    });
  });
});

describe("models", () => {
  it("describes each model with the JSON Schema of its input", async () => {
    const response = await createWorld().call("GET", "/api/models");
    const { data } = await response.json<{ data: Record<string, unknown>[] }>();
    expect(data.find((model) => model["id"] === "flux-kontext-max")).toMatchObject({
      object: "model",
      kind: "image",
      family: "flux-kontext",
      credits: 10,
      deadlineSeconds: 900,
      retiresAt: null,
      inputSchema: {
        type: "object",
        required: ["prompt"],
        properties: { outputFormat: { enum: ["jpeg", "png"] } },
      },
    });
    expect((await createWorld().call("GET", "/api/models/flux-kontext-pro")).status).toBe(200);
    expect((await createWorld().call("GET", "/api/models/nope")).status).toBe(404);
  });
});

describe("the callback's own page", () => {
  it("says that it is there", async () => {
    const response = await createWorld().call("GET", "/api/kie/kie-callback", {
      headers: { Authorization: "" },
    });
    expect(await response.json()).toEqual({
      status: "ok",
      message: expect.any(String),
      timestamp: expect.any(String),
    });
  });
});

describe("the log", () => {
  it("has a line for each request, move, call, callback and copy, with ids, and no prompt and no key", async () => {
    const world = createWorld();
    await world.call("POST", "/api/artworks/generate", { body: { prompt: "a very private request" } });
    await world.pass(10_000);
    const events = new Set(world.logs.map((line) => line["event"]));
    expect(
      ["request", "transition", "provider.call", "callback", "copy"].filter((event) => !events.has(event)),
    ).toEqual([]);
    const text = JSON.stringify(world.logs);
    expect(text).not.toContain("private request");
    expect(text).not.toContain("sim-key");
    expect(text).not.toContain("root-key");
    const call = world.logs.find((line) => line["event"] === "provider.call");
    expect(call).toMatchObject({
      generationId: expect.any(String),
      artworkId: expect.any(String),
      milliseconds: expect.any(Number),
      code: 200,
    });
  });
});
