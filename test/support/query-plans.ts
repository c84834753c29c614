import { env } from "cloudflare:workers";

/** Steps of SQLite's plans for these round trips that read a whole table or index, or sort by themselves. */
export async function slowSteps(trips: readonly string[]): Promise<string[]> {
  const plans = await plansOf(trips);
  return plans.filter((step) => /\bSCAN (?!CONSTANT ROW|\S+ VIRTUAL TABLE)|TEMP B-TREE/.test(step));
}

/** The steps of SQLite's plans for these round trips, each with its statement. */
export async function plansOf(trips: readonly string[]): Promise<string[]> {
  const statements = trips.flatMap((trip) => trip.split(";\n")).filter((sql) => sql.trim() !== "");
  return (await Promise.all(statements.map(planOf))).flat();
}

async function planOf(sql: string): Promise<string[]> {
  const values = [...sql.matchAll(/\?/g)].map(() => 1);
  const statement = env.DB.prepare(`explain query plan ${sql}`).bind(...values);
  const { results } = await statement.all<{ detail: string }>();
  return results.map(({ detail }) => `${detail} in: ${sql}`);
}
