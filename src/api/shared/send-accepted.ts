import type { AcceptResult } from "./accept-request.ts";

type Accepted = Exclude<AcceptResult, { readonly kind: "refused" }>;

const REPLAYED = { "Idempotent-Replayed": "true" };

const waited = (wait: number | null): Record<string, string> =>
  wait === null ? {} : { "Preference-Applied": `wait=${wait}` };

function headersOf(accepted: Accepted): Record<string, string> {
  switch (accepted.kind) {
    case "recorded":
      return waited(accepted.wait);
    case "joined":
      return { ...REPLAYED, ...waited(accepted.wait) };
    case "replayed":
      return REPLAYED;
  }
}

/** The JSON response to an accepted request, marked when the client has caused it before. */
export const sendAccepted = (accepted: Accepted): Response => {
  const { status, location, body } = accepted.response;
  const headers = { "Content-Type": "application/json", Location: location, ...headersOf(accepted) };
  return new Response(body, { status, headers });
};
