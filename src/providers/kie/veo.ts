import { flaggedWire } from "./flagged-wire.ts";
import type { KieProtocol } from "./protocol.ts";
import { resultUrls } from "./result-urls.ts";

export const veo: KieProtocol = flaggedWire({
  createPath: "/api/v1/veo/generate",
  recordPath: "/api/v1/veo/record-info",
  links: resultUrls,
});
