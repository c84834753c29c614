import { iso } from "../../lib/time.ts";
import { artworkUrls } from "../artworks/present.ts";
import type { PresentedArtwork } from "../artworks/present.ts";

const ORIGIN = "https://darkroom.example";
const ARTWORK_ID = "art_sample";

/** A sample artwork for the test of a receiver: it has the shape of every other, and none of its URLs works. */
export function sampleArtwork(at: number): PresentedArtwork {
  const output = {
    id: "out_sample",
    url: `${ORIGIN}/media/artworks/${ARTWORK_ID}/1/0.png`,
    contentType: "image/png",
    bytes: 1_024,
    sha256: "0".repeat(64),
    width: 1_024,
    height: 1_024,
  };
  const shared = { model: "flux-kontext-pro", kind: "image", outputs: [output], createdAt: iso(at) };
  return {
    ...shared,
    id: ARTWORK_ID,
    object: "artwork",
    status: "ready",
    title: "A test",
    metadata: {},
    prompt: "a lighthouse in a storm",
    optimizedPrompt: null,
    expiresAt: null,
    expiredAt: null,
    generation: {
      ...shared,
      id: "gen_sample",
      object: "generation",
      artworkId: ARTWORK_ID,
      number: 1,
      status: "completed",
      terminal: true,
      progress: 1,
      input: { prompt: "a lighthouse in a storm", aspectRatio: "1:1" },
      missing: [],
      error: null,
      attempts: [],
      credits: { estimated: 5, used: 5 },
      promptOptimization: null,
      submittedAt: iso(at),
      completedAt: iso(at),
      expiresAt: null,
      expiredAt: null,
      deadlineAt: iso(at),
    },
    updatedAt: iso(at),
    urls: artworkUrls(ORIGIN, ARTWORK_ID),
  };
}
