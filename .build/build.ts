/** Builds the Worker without a word, unless it fails: wrangler runs this at every change. */
import { build } from "rolldown";
import worker from "./worker.ts";

await build({ ...worker, logLevel: "silent" });
