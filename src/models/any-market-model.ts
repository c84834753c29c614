/**
 * `kie:<market id>`: any model of KIE's market, for an operator who allows it. It has no schema here: its `input` is sent
 * unchanged, KIE alone checks it, and the result may be an image or a video.
 */
import * as z from "zod/mini";
import { defineModel } from "./define-model.ts";
import type { Model } from "./model.ts";

const PREFIX = "kie:";
const MARKET_ID = /^[\w.-]+(\/[\w.-]+)*$/;
const ID_CHARACTERS = 120;

/** The market's own id of a model, which ours is too, but for an operator's own choice. */
export const marketIdOf = (id: string): string => (id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id);

/** The model that such an id names, or null when it is not of that form. */
export function anyMarketModel(id: string): Model | null {
  if (!id.startsWith(PREFIX) || !MARKET_ID.test(marketIdOf(id)) || id.length > ID_CHARACTERS) return null;
  return defineModel({
    id,
    family: "market",
    kind: "any",
    protocol: "kie/jobs",
    input: z.looseObject({}),
    common: { prompt: { field: "prompt" } },
    credits: null,
    example: { input: {} },
  });
}
