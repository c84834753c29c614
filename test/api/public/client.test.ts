import { describe, expect, it } from "vitest";
import { createWorld } from "../../support/harness.ts";

const stranger = { headers: { Authorization: "" } };

describe("the client's files", () => {
  it("are served to everybody, as one module without imports", async () => {
    const response = await createWorld().call("GET", "/client.js", stranger);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Cache-Control")).toContain("public");
    const script = await response.text();
    expect(script).toMatch(/export\s*\{[^}]*createDarkroom/);
    expect(script).not.toMatch(/\bimport\b/);
  });

  it("come with their types", async () => {
    const types = await (await createWorld().call("GET", "/client.d.ts", stranger)).text();
    expect(types).toContain("export interface Artwork {");
    expect(types).toContain("export declare const createDarkroom");
    expect(types).not.toMatch(/\bfrom "/);
  });

  it("are not sent again to who has them", async () => {
    const world = createWorld();
    const etag = (await world.call("GET", "/client.js", stranger)).headers.get("ETag") ?? "";
    const again = await world.call("GET", "/client.js", { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await world.call("HEAD", "/client.js", stranger)).headers.get("ETag")).toBe(etag);
  });
});
