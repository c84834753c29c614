import * as z from "zod/mini";
import type { TaskReport } from "../../generation/ports.ts";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, running, succeeded, unreadable, Words } from "./reports.ts";
import { resultUrls } from "./result-urls.ts";

/** `data` of a record. `successFlag`: 0 generating, 1 success, 2 create failed, 3 generation failed. */
const Record = z.object({
  successFlag: Amount,
  errorCode: Code,
  errorMessage: Words,
  response: z.optional(z.unknown()),
});

function read(data: unknown): TaskReport {
  const record = Record.safeParse(data);
  if (!record.success) return unreadable;
  const { successFlag, errorCode, errorMessage, response } = record.data;
  if (successFlag === 1) return succeeded(resultUrls(response));
  if (successFlag === 2 || successFlag === 3) return failed(errorCode, errorMessage);
  return running(null, successFlag === 0 ? null : `successFlag ${String(successFlag)}`);
}

export const veo: KieProtocol = {
  createPath: "/api/v1/veo/generate",
  recordPath: "/api/v1/veo/record-info",
  body: (model, input, callBackUrl) => ({
    model,
    ...input,
    ...(callBackUrl === null ? {} : { callBackUrl }),
  }),
  read,
  download: COMMON_DOWNLOAD,
};
