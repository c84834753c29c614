import { Hono } from "hono";
import manifest from "../../../package.json" with { type: "json" };
import { originOf } from "../../http/context.ts";
import type { AppContext, AppEnv } from "../../http/context.ts";

/** Describes the service at its root. */
export const welcome = new Hono<AppEnv>();

const PURPOSE = "An edge API that turns a prompt into an image or video that its owner keeps.";

welcome.get("/", async (c) => {
  c.header("Vary", "Accept");
  return wantsPage(c) ? await page(c) : c.json(summary(originOf(c)));
});

/** Browsers request HTML by name; `curl` and programs accept anything. */
const wantsPage = (c: AppContext): boolean => /\btext\/html\b/i.test(c.req.header("Accept") ?? "");

const summary = (origin: string) => ({
  name: "Darkroom",
  description: PURPOSE,
  version: manifest.version,
  urls: {
    health: `${origin}/api/health`,
    models: `${origin}/api/models`,
    generate: `${origin}/api/artworks/generate`,
    artworks: `${origin}/api/artworks`,
    openai: `${origin}/v1`,
  },
});

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 4rem auto; padding: 0 1rem }
pre { padding: 1rem; overflow-x: auto; border: 1px solid; border-radius: .5rem }`;

/** Forbids scripts, loads and frames; allows the one style by its hash. */
const policyFor = async (style: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = new Uint8Array(digest).toBase64();
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
};

async function page(c: AppContext): Promise<Response> {
  return c.html(pageText(originOf(c)), 200, {
    "Content-Security-Policy": await policyFor(STYLE),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  });
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };
const escape = (text: string): string => text.replace(/[&<"]/g, (character) => ESCAPES[character] ?? "");

function pageText(origin: string): string {
  const at = escape(origin);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Darkroom</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Darkroom</h1>
<p>${PURPOSE}</p>
<ul>
<li><a href="/api/health">Health</a>: what works, and what is not configured.</li>
<li><a href="/api/models">Models</a>: all models with fields, prices and limits (needs a key).</li>
</ul>
<h2>A first image</h2>
<pre>curl -X POST ${at}/api/artworks/generate \\
     -H 'Authorization: Bearer YOUR_KEY' \\
     -H 'Content-Type: application/json' -H 'Prefer: wait=30' \\
     -d '{"prompt":"a lighthouse in a storm"}'</pre>
<p>For OpenAI's clients the base URL is <code>${at}/v1</code>.</p>
<p>Darkroom ${manifest.version}</p>
</main>
</body>
</html>
`;
}
