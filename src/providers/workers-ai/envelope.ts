import * as z from "zod/mini";

/** The envelope of every answer of Cloudflare's API: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/. */
const Envelope = z.object({
  success: z.catch(z.boolean(), false),
  result: z.optional(z.unknown()),
  errors: z.catch(
    z.array(
      z.object({
        code: z.catch(z.nullable(z.coerce.number()), null),
        message: z.catch(z.string(), ""),
      }),
    ),
    [],
  ),
});
export type Envelope = z.infer<typeof Envelope>;

const NO_ENVELOPE: Envelope = { success: false, result: null, errors: [] };
/** Reads a body; one that is no envelope is a failure without errors. */
export function readEnvelope(text: string): Envelope {
  try {
    const parsed = Envelope.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : NO_ENVELOPE;
  } catch {
    return NO_ENVELOPE;
  }
}
