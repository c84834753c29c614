/** The fields that a regenerate inherits from the generation before it. Pure. */
import { COMMON_FIELDS } from "../../models/common-fields.ts";
import { findModel } from "../../models/find-model.ts";
import type { Model } from "../../models/model.ts";
import { generationFields, InheritedFields } from "./fields.ts";
import type { GenerationRequest } from "./fields.ts";
import type { RequestBody } from "../../lib/request-body.ts";
import type { Deps } from "../deps.ts";
import type { GenerationRow } from "../rows.ts";

/**
 * A body over what the last generation was asked for. Own fields count only for their model: another model takes
 * another `input`. What is given now, in either spelling, replaces what was given then in the other.
 */
export function inherit(
  deps: Deps,
  last: GenerationRow,
  { body, cleared }: { readonly body: GenerationRequest; readonly cleared: readonly string[] },
): GenerationRequest {
  const before = without(InheritedFields.parse(last.request), cleared);
  const model = before.model ?? last.model;
  const changesModel = body.model !== undefined && body.model !== model;
  const { input: _input, ...others } = before;
  const inherited = changesModel ? mapped(deps, body.model ?? model, others) : before;
  return { ...withoutDuplicates(inherited, body, findModel(deps, model)?.wireNames ?? {}), model, ...body };
}

/** Of what was asked for before, what another model has a name for. */
function mapped(deps: Deps, model: string, before: GenerationRequest): GenerationRequest {
  const wireNames = findModel(deps, model)?.wireNames ?? {};
  const unmapped = COMMON_FIELDS.filter((name) => wireNames[name] === undefined);
  return without(before, unmapped);
}

const without = (request: GenerationRequest, names: readonly string[]): GenerationRequest =>
  Object.fromEntries(Object.entries(request).filter(([name]) => !names.includes(name)));

/** Fields that a regenerate takes back: given as null, or as an empty list. */
export const clearedNames = (body: RequestBody): string[] =>
  Object.keys(generationFields).filter(
    (name) => body[name] === null || (Array.isArray(body[name]) && body[name].length === 0),
  );

function withoutDuplicates(
  inherited: GenerationRequest,
  body: GenerationRequest,
  wireNames: Model["wireNames"],
): GenerationRequest {
  const input = { ...inherited.input };
  const kept = { ...inherited };
  for (const name of COMMON_FIELDS) {
    const wireName = wireNames[name];
    if (wireName === undefined) continue;
    if (body[name] !== undefined) delete input[wireName];
    if (wireName in (body.input ?? {})) delete kept[name];
  }
  return inherited.input === undefined ? kept : { ...kept, input };
}
