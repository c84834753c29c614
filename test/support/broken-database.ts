import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import type { Deps } from "../../src/domain/deps.ts";
import { createWorld } from "./harness.ts";
import type { World } from "./harness.ts";
import { gatedDatabase } from "../proof/gated-database.ts";

/** `before`: nothing is written. `after`: it is committed, and the answer is lost. */
type Phase = "before" | "after";

/** A database that fails at the first, second, … round trip of a kind, named like the proof's gates. */
export function brokenDatabase(kind: string, at: readonly number[], phase: Phase): Pick<Deps, "db"> {
  let trips = 0;
  const database = gatedDatabase(env.DB, async (point, act) => {
    if (point !== kind) return await act();
    trips += 1;
    const isBroken = at.includes(trips);
    if (isBroken && phase === "before") throw new Error("D1 is out of order");
    const value = await act();
    if (isBroken) throw new Error("the answer of D1 is lost");
    return value;
  });
  return { db: drizzle(database) };
}

/** A world whose database fails at the first, second, … batch that records a generation. */
export const createBrokenWorld = (at: readonly number[], phase: Phase): World =>
  createWorld({ deps: () => brokenDatabase("db artwork.queued", at, phase) });
