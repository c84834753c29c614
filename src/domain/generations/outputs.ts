/** The rows of what generations made. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { outputs } from "../../db/schema.ts";
import type { Deps } from "../deps.ts";
import type { GenerationRow, OutputRow } from "../rows.ts";

/** Where a result comes from: a link, or the answer to the create call itself, whose bytes are in the bucket. */
export type ResultSource = { readonly kind: "link"; readonly url: string } | { readonly kind: "inline" };

/**
 * Inserts an output row for each result, for the batch that moves to `storing`. The values stand in the order of the table's
 * columns; the last ones are unknown until the bytes are stored.
 */
export const outputStatements = (
  deps: Deps,
  row: GenerationRow,
  sources: readonly ResultSource[],
  won: SQL,
): BatchItem<"sqlite">[] =>
  sources.map((source, position) => {
    const url = source.kind === "link" ? source.url : null;
    const isInline = source.kind === "inline" ? 1 : 0;
    return deps.db
      .insert(outputs)
      .select(
        sql`select ${deps.newId("out")}, ${row.id}, ${position}, 'pending', ${url}, ${isInline}, 0, ${deps.now()},
          null, 0, null, null, null, null, null, null where ${won}`,
      )
      .onConflictDoNothing();
  });

/** An output that is neither stored nor lost. */
export const isOpen = ({ state }: Pick<OutputRow, "state">): boolean =>
  state === "pending" || state === "copying";

/** Records the result of a copy, unless another run has settled the output. Returns whether it was written. */
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
        inArray(outputs.state, ["pending", "copying"]),
      ),
    )
    .returning({ id: outputs.id });
  return written.length > 0;
}
