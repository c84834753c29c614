/** The browser files and the documents, built into the folder that `[assets]` in wrangler.toml serves. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { clientTypes } from "./client-types.ts";
import { buildDocs } from "./docs/build-docs.ts";

const FOLDER = ".wrangler/assets";
const NOTICE = "/*! Darkroom's client. Contains eventsource-parser, (c) Espen Hovlandsdal, MIT license. */";

/** Browsers revalidate after five minutes: the client belongs to the API that serves it. */
const HEADERS = `/client.*
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  X-Content-Type-Options: nosniff
/client.d.ts
  Content-Type: text/plain; charset=utf-8
/docs/*
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self' https:; base-uri 'none'; frame-ancestors 'none'
  X-Content-Type-Options: nosniff
`;

async function clientScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["src/client/index.ts"],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    banner: { js: NOTICE },
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** An unchanged file stays untouched, so that a running `wrangler dev` does not reload it. */
async function writeChanged(name: string, content: string): Promise<void> {
  const path = join(FOLDER, name);
  const current = await readFile(path, "utf8").catch(() => null);
  if (current !== content) await writeFile(path, content);
}

/** Builds every browser file and the documents. Prints nothing; throws when a file does not build. */
export async function buildAssets(): Promise<void> {
  const [script, types] = await Promise.all([clientScript(), clientTypes()]);
  await mkdir(FOLDER, { recursive: true });
  await Promise.all([
    writeChanged("client.js", script),
    writeChanged("client.d.ts", types),
    writeChanged("_headers", HEADERS),
  ]);
  await buildDocs(join(FOLDER, "docs"));
}
