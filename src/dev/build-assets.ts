/** `[build]` in wrangler.toml runs this before the Worker is bundled, and again when a file changes. */
import { buildAssets } from "./assets.ts";

await buildAssets();
