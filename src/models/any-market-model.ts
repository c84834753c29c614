/**
 * `kie:<market id>`: any model of the upstream's market, for an operator who allows it. Nothing is known of it: its
 * `input` goes out unchanged, the upstream alone checks it, and what comes back may be a picture or a film.
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
