import type { Operation } from "../ports/provider.ts";

/** An operation with its entries in order, so that equal operations are equal texts in the database. */
export const inOrder = (operation: Operation): Operation =>
  Object.fromEntries(Object.entries(operation).toSorted(([one], [other]) => (one < other ? -1 : 1)));
