import * as z from "zod/mini";
import type { TaskReport } from "../../generation/ports.ts";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, running, succeeded, unreadable, Words } from "./reports.ts";

/**
 * `data` of a record. `successFlag`: 0 generating, 1 success, 2 create failed, 3 generation failed.
 * `originImageUrl` lives ten minutes and is never used; `resultImageUrl` lives 14 days.
 */
const Record = z.object({
  successFlag: Amount,
  errorCode: Code,
  errorMessage: Words,
  response: z.nullish(z.object({ resultImageUrl: z.nullish(z.string()) })),
});

function read(data: unknown): TaskReport {
  const record = Record.safeParse(data);
  if (!record.success) return unreadable;
  const { successFlag, errorCode, errorMessage, response } = record.data;
  if (successFlag === 1) {
    const url = response?.resultImageUrl ?? "";
    return succeeded(url === "" ? [] : [url]);
  }
  if (successFlag === 2 || successFlag === 3) return failed(errorCode, errorMessage);
  return running(null, successFlag === 0 ? null : `successFlag ${String(successFlag)}`);
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
  download: COMMON_DOWNLOAD,
};
