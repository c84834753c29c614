import { describe, expect, it } from "vitest";
import { MODELS } from "../../../src/models/index.ts";
import type { Model } from "../../../src/models/model.ts";
import { createWorld, ORIGIN } from "../../support/harness.ts";
import { errorOf } from "../../support/openai.ts";

const namesOf = ({ id, aliases }: Model): string[] => [id, ...aliases];

describe("the models", () => {
  it("are listed as OpenAI's objects", async () => {
    const list = await (await createWorld().call("GET", "/v1/models")).json<{ data: { id: string }[] }>();
    expect(list.data.map(({ id }) => id)).toEqual(MODELS.flatMap(namesOf));
    expect(list.data[0]).toEqual({
      id: "flux-kontext-pro",
      object: "model",
      created: expect.any(Number),
      owned_by: "kie",
    });
  });

  it("are found by their ids, with a slash as it is or as clients write it", async () => {
    const world = createWorld();
    const one = await world.call("GET", "/v1/models/google/nano-banana");
    const other = await world.call("GET", "/v1/models/google%2Fnano-banana");
    expect(await one.json()).toMatchObject({ id: "google/nano-banana" });
    expect(await other.json()).toMatchObject({ id: "google/nano-banana" });
  });

  it("are found by the names that OpenAI's clients have for them", async () => {
    const response = await createWorld().call("GET", "/v1/models/sora-2");
    expect(await response.json()).toMatchObject({ id: "sora-2", object: "model", owned_by: "kie" });
  });

  it("are not listed while their provider is not set up, or when they are retired", async () => {
    const world = createWorld({
      vars: { CF_API_TOKEN: "" },
      deps: (base) => ({
        models: base.models.map((model) =>
          model.id === "z-image" ? { ...model, retiresAt: "2020-01-01" } : model,
        ),
      }),
    });
    const { data } = await (await world.call("GET", "/v1/models")).json<{ data: { id: string }[] }>();
    const left = MODELS.flatMap(namesOf).filter((id) => id !== "z-image" && !id.startsWith("@cf/"));
    expect(data.map(({ id }) => id)).toEqual(left);
  });

  it("that there are not are 404", async () => {
    const response = await createWorld().call("GET", "/v1/models/gpt-4o");
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: "model_not_found", type: "invalid_request_error" });
  });

  it("that are retired are 410 to ask for", async () => {
    const [first] = MODELS;
    const world = createWorld({ deps: () => ({ models: [{ ...first!, retiresAt: "2020-01-01" }] }) });
    const messages = [{ role: "user", content: "a cat" }];
    const response = await world.call("POST", "/v1/chat/completions", { body: { messages } });
    expect([response.status, response.headers.get("X-Should-Retry")]).toEqual([410, "false"]);
  });
});

describe("a wrong path", () => {
  it.each([
    ["/chat/completions", "Did you mean /v1/chat/completions?"],
    ["/api/v1/images/edits", "Did you mean /v1/images/edits?"],
    ["/v1/v1/models", "Did you mean /v1/models?"],
    ["/v1/completions", "Use POST /v1/chat/completions."],
    ["/v1/responses", "Use POST /v1/chat/completions."],
    ["/v1/images/variations", "POST /v1/images/edits"],
    ["/v1/embeddings", "only images and videos"],
  ])("%s says where to go", async (path, hint) => {
    const response = await createWorld().call("POST", path, { body: {} });
    expect(response.status).toBe(404);
    expect((await errorOf(response)).message).toContain(hint);
  });

  it.each(["/v1/videos/abc", "/v1/models"])(
    "%s is not what a client is sent to that comes from there",
    async (path) => {
      const response = await createWorld().call("PUT", path, { body: {} });
      expect((await errorOf(response)).message).not.toContain("Did you mean");
    },
  );

  it("says nothing that it does not know", async () => {
    const response = await createWorld().send(new Request(`${ORIGIN}/elsewhere`));
    expect((await errorOf(response)).message).toBe("No route at /elsewhere.");
  });

  it("of a call is 405 with another method", async () => {
    const response = await createWorld().call("GET", "/v1/chat/completions");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
  });
});
