import * as z from "zod/mini";
import type { TaskReport } from "../../generation/ports.ts";
import { taskFailure } from "./classify.ts";
import type { KieProtocol } from "./protocol.ts";

/**
 * `data` of a record. `successFlag`: 0 generating, 1 success, 2 create failed, 3 generation failed.
 * `originImageUrl` lives ten minutes and is never used; `resultImageUrl` lives 14 days.
 */
const Record = z.object({
  successFlag: z.nullish(z.coerce.number()),
  errorCode: z.nullish(z.union([z.number(), z.string()])),
  errorMessage: z.nullish(z.string()),
  response: z.nullish(z.object({ resultImageUrl: z.nullish(z.string()) })),
});

function read(data: unknown): TaskReport {
  const record = Record.safeParse(data);
  if (!record.success) return { state: "unseen", reason: "the record has another shape" };
  const { successFlag, errorCode, errorMessage, response } = record.data;
  if (successFlag === 1) {
    const url = response?.resultImageUrl ?? "";
    return { state: "succeeded", urls: url === "" ? [] : [url], credits: null };
  }
  if (successFlag === 2 || successFlag === 3) {
    return { state: "failed", failure: taskFailure(errorCode, errorMessage ?? null), credits: null };
  }
  const unknownWord = successFlag === 0 ? null : `successFlag ${String(successFlag)}`;
  return { state: "running", progress: null, unknownWord };
}

export const fluxKontext: KieProtocol = {
  createPath: "/api/v1/flux/kontext/generate",
  recordPath: "/api/v1/flux/kontext/record-info",
  body: (model, input, callBackUrl) => ({
    model,
    ...input,
    ...(callBackUrl === null ? {} : { callBackUrl }),
  }),
  read,
};
