import * as z from "zod/mini";
import type { TaskReport } from "../../domain/ports/provider.ts";
import { getOwn } from "../../lib/get-own.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, outcomeOfFlag, running, succeeded, unreadable, Words } from "./reports.ts";
import type { Outcome } from "./reports.ts";
import { resultUrls } from "./result-urls.ts";

/** `data` of a record. One page of KIE's documents lacks `status`, another `successFlag`: either will do. */
const Record = z.object({
  status: Words,
  successFlag: Amount,
  progress: z.optional(z.unknown()),
  errorCode: Code,
  errorMessage: Words,
  response: z.optional(z.unknown()),
});

const STATUSES: Readonly<{ [status: string]: Outcome }> = {
  GENERATING: "running",
  SUCCESS: "success",
  CREATE_TASK_FAILED: "fail",
  GENERATE_FAILED: "fail",
};

function read(data: unknown): TaskReport {
  const parsed = Record.safeParse(data);
  if (!parsed.success) return unreadable;
  const { status, successFlag, progress, errorCode, errorMessage, response } = parsed.data;
  const outcome = getOwn(STATUSES, status ?? "") ?? outcomeOfFlag(successFlag);
  switch (outcome) {
    case "running":
      return running(progress);
    case "success":
      return succeeded(resultUrls(response));
    case "fail":
      return failed(errorCode, errorMessage);
    case null:
      return running(progress, `status ${String(status)}, successFlag ${String(successFlag)}`);
  }
}

export const gpt4oImage: KieProtocol = {
  createPath: "/api/v1/gpt4o-image/generate",
  recordPath: "/api/v1/gpt4o-image/record-info",
  // The path names the model; KIE has no such field here.
  body: (_model, input, callBackUrl) => ({ ...input, ...(callBackUrl === null ? {} : { callBackUrl }) }),
  read,
  download: { path: "/api/v1/gpt4o-image/download-url", body: (taskId, url) => ({ taskId, url }) },
};
