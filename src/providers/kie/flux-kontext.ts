import * as z from "zod/mini";
import { flaggedWire } from "./flagged-wire.ts";
import type { KieProtocol } from "./protocol.ts";

/** `originImageUrl` beside it lives ten minutes and is never used; `resultImageUrl` lives 14 days. */
const Link = z.catch(z.nullish(z.object({ resultImageUrl: z.nullish(z.string()) })), null);

export const fluxKontext: KieProtocol = flaggedWire({
  createPath: "/api/v1/flux/kontext/generate",
  recordPath: "/api/v1/flux/kontext/record-info",
  links: (response) => {
    const url = Link.parse(response)?.resultImageUrl ?? "";
    return url === "" ? [] : [url];
  },
});
