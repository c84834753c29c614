/** The rows of what generations made. */
import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { outputs } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { GenerationRow, OutputRow } from "../rows.ts";

/** In place of a link: the bytes came with the answer to the create call, and are in the bucket. */
export const INLINE = "";

/**
 * Inserts an output row for each result link, for the batch that moves to `storing`. The values stand in the
 * order of the table's columns; the last ones are unknown until the bytes are there.
 */
export const outputStatements = (
  deps: Deps,
  row: GenerationRow,
  urls: readonly string[],
  won: SQL,
): BatchItem<"sqlite">[] =>
  urls.map((url, position) =>
    deps.db
      .insert(outputs)
      .select(
        sql`select ${deps.newId("out")}, ${row.id}, ${position}, 'pending', ${url}, 0, ${deps.now()},
          null, 0, null, null, null, null, null, null where ${won}`,
      )
      .onConflictDoNothing(),
  );

/** Writes what a copy came to, unless another run has settled it. Answers whether it was written. */
export async function updateOutput(
  deps: Deps,
  output: OutputRow,
  changes: Partial<Omit<OutputRow, "id" | "generationId" | "position">>,
): Promise<boolean> {
  const written = await deps.db
    .update(outputs)
    .set(changes)
    .where(
      and(
        eq(outputs.generationId, output.generationId),
        eq(outputs.position, output.position),
        eq(outputs.state, "pending"),
      ),
    )
    .returning({ id: outputs.id });
  return written.length > 0;
}
