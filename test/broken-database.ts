import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { createWorld } from "./harness.ts";
import type { World } from "./harness.ts";
import { gatedDatabase } from "./proof/gated-database.ts";

/** `before`: nothing is written. `after`: it is committed, and the answer is lost. */
type Phase = "before" | "after";

/** A world whose database fails at the first, second, … batch that records a generation. */
export function createBrokenWorld(at: readonly number[], phase: Phase): World {
  let batches = 0;
  const database = gatedDatabase(env.DB, async (point, act) => {
    if (point !== "db artwork.queued") return await act();
    batches += 1;
    const isBroken = at.includes(batches);
    if (isBroken && phase === "before") throw new Error("D1 is out of order");
    const value = await act();
    if (isBroken) throw new Error("the answer of D1 is lost");
    return value;
  });
  return createWorld({ deps: () => ({ db: drizzle(database) }) });
}
