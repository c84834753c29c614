import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const get = (path: string) => env.ASSETS.fetch(new URL(path, "http://localhost/docs/").href);

describe("/docs", () => {
  it("answers HTML with a stylesheet and a list of pages", async () => {
    const response = await get("/docs/");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).toContain("<title>Darkroom</title>");
    expect(html).toContain('href="style.css"');
    expect(html).not.toContain("<script");
    expect((await get("style.css")).status).toBe(200);
  });

  it("links to pages that answer", async () => {
    const html = await (await get("/docs/")).text();
    const [, nav = ""] = /<nav[^>]*>(.*?)<\/nav>/s.exec(html) ?? [];
    const addresses = [...nav.matchAll(/href="([^"]+)"/g)].map(([, address = ""]) => address);
    expect(addresses).toContain("models.html");
    const answers = await Promise.all(addresses.map(get));
    expect(answers.map(({ status }) => status)).toEqual(addresses.map(() => 200));
  });

  it("has a decision of a lower folder, with links that lead back", async () => {
    const html = await (await get("decisions/001-durable-object-alarms-as-the-clock.html")).text();
    expect(html).toContain('href="../style.css"');
    expect(html).toContain('href="../models.html"');
  });
});
