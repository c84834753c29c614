import { defineConfig } from "rolldown";

/** What every start loads is one module, with all that it imports: split, it would compress less well. */
const start = { name: "start", test: /\/src\/(index|app|deps)\.ts$|rolldown[:/]runtime/ };

export default defineConfig({
  input: "src/index.ts",
  platform: "browser",
  external: ["cloudflare:workers"],
  logLevel: "silent",
  output: {
    dir: ".wrangler/worker",
    cleanDir: true,
    format: "esm",
    minify: true,
    sourcemap: true,
    chunkFileNames: "part-[hash].js",
    codeSplitting: { groups: [start] },
  },
});
