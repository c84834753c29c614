/** The Worker in parts: what is imported on demand becomes a module of its own, loaded on demand. */
import { defineConfig } from "rolldown";
import { nodeBuiltins } from "./node-builtins.ts";
import { servedClient } from "./served-client.ts";

export default defineConfig({
  input: "src/index.ts",
  platform: "browser",
  external: ["cloudflare:workers"],
  plugins: [nodeBuiltins(), servedClient()],
  output: {
    dir: ".wrangler/worker",
    cleanDir: true,
    format: "esm",
    minify: true,
    sourcemap: true,
    chunkFileNames: "part-[hash].js",
    // In one piece, which compresses best: else what a start shares with a part becomes a module of its own.
    codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] },
  },
});
