import { MINUTE, SECOND } from "../lib/time.ts";
import type { Kind, Model, ModelSpec } from "./model.ts";
import { prepare } from "./prepare.ts";

const DEADLINE_SECONDS: Readonly<Record<Kind, number>> = {
  image: (15 * MINUTE) / SECOND,
  video: (30 * MINUTE) / SECOND,
  any: (30 * MINUTE) / SECOND,
};

const wireNamesOf = ({ common }: ModelSpec): Model["wireNames"] =>
  Object.fromEntries(Object.entries(common).map(([name, { field }]) => [name, field]));

/** Turns a spec into a model: exact inside, any request body outside. */
export function defineModel(spec: ModelSpec): Model {
  const { id, family, kind, protocol, input, common, credits, example } = spec;
  return {
    id,
    family,
    kind,
    protocol,
    input,
    common,
    credits,
    example,
    aliases: spec.aliases ?? [],
    video: spec.video ?? null,
    qualities: spec.qualities ?? {},
    defaults: spec.defaults ?? {},
    creditsByOption: spec.creditsByOption ?? [],
    deadlineSeconds: spec.deadlineSeconds ?? DEADLINE_SECONDS[kind],
    notice: spec.notice ?? null,
    retiresAt: spec.retiresAt ?? null,
    replacement: spec.replacement ?? null,
    editModel: spec.editModel ?? null,
    wireNames: wireNamesOf(spec),
    imageRule: spec.imageRule ?? null,
    prepare: (request, operator, urlProblem) => prepare(spec, request, operator, urlProblem),
  };
}
