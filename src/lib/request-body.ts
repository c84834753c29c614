import * as z from "zod/mini";

/** A request body as it came: a JSON object, of which nothing else is known yet. */
export const RequestBody = z.record(z.string(), z.unknown());
export type RequestBody = z.infer<typeof RequestBody>;
