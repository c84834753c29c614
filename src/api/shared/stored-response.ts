/** Responses that repetitions of a request receive again. The domain stores them as opaque text. */
import * as z from "zod/mini";

const StoredResponse = z.object({ status: z.int(), location: z.string(), body: z.string() });
export type StoredResponse = Readonly<z.infer<typeof StoredResponse>>;

export const encodeResponse = (response: StoredResponse): string => JSON.stringify(response);

export const decodeResponse = (text: string): StoredResponse => StoredResponse.parse(JSON.parse(text));
