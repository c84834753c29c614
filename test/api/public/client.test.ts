import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

/** The platform serves these files before the Worker runs. */
const get = (path: string, headers: Record<string, string> = {}) =>
  env.ASSETS.fetch(`http://assets.local${path}`, { headers });

describe("the client's files", () => {
  it("are served to everybody, as one module without imports", async () => {
    const response = await get("/client.js");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Cache-Control")).toContain("public");
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    const script = await response.text();
    expect(script).toMatch(/export\s*\{[^}]*createDarkroom/);
    expect(script).not.toMatch(/\bimport\b/);
  });

  it("come with their types", async () => {
    const response = await get("/client.d.ts");
    expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    const types = await response.text();
    expect(types).toContain("export interface Artwork {");
    expect(types).toContain("export declare const createDarkroom");
    expect(types).not.toMatch(/\bfrom "/);
  });

  it("are not sent again to a caller that has them", async () => {
    const etag = (await get("/client.js")).headers.get("ETag") ?? "";
    const again = await get("/client.js", { "If-None-Match": etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
  });
});
