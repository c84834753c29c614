import * as z from "zod/mini";
import type { TaskReport } from "../../domain/ports/provider.ts";
import { getOwn } from "../../lib/get-own.ts";
import { marketIdOf } from "../../models/any-market-model.ts";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, outcomeOfFlag, running, succeeded, unreadable, Words } from "./reports.ts";
import type { Outcome } from "./reports.ts";
import { resultUrls } from "./result-urls.ts";

/**
 * `data` of a record, as seen on the wire. `resultJson` is "" until success, then JSON text; an object, null and
 * nothing have been seen too. The newest records add `successFlag` (0, 1, 3) and `response`, and newer ones `creditsConsumed`.
 */
const Record = z.object({
  state: Words,
  resultJson: z.optional(z.unknown()),
  response: z.optional(z.unknown()),
  failCode: Code,
  failMsg: Words,
  errorCode: Code,
  errorMessage: Words,
  creditsConsumed: Amount,
  progress: z.optional(z.unknown()),
  successFlag: Amount,
});
type Record = z.infer<typeof Record>;

const STATES: Readonly<{ [state: string]: Outcome }> = {
  waiting: "running",
  queuing: "running",
  generating: "running",
  success: "success",
  fail: "fail",
};

/** The state decides, whatever else is filled in: one of KIE's samples shows `waiting` with results. */
function outcomeOf({ state, successFlag }: Record): Outcome | null {
  return getOwn(STATES, state ?? "") ?? outcomeOfFlag(successFlag);
}

function read(data: unknown): TaskReport {
  const parsed = Record.safeParse(data);
  if (!parsed.success) return unreadable;
  const record = parsed.data;
  const credits = record.creditsConsumed ?? null;
  switch (outcomeOf(record)) {
    case "running":
      return running(record.progress);
    case "success": {
      const urls = resultUrls(record.resultJson);
      return succeeded(urls.length > 0 ? urls : resultUrls(record.response), credits);
    }
    case "fail":
      return failed(record.failCode ?? record.errorCode, record.failMsg ?? record.errorMessage, credits);
    case null:
      return running(record.progress, `state ${String(record.state)}`);
  }
}

export const jobs: KieProtocol = {
  createPath: "/api/v1/jobs/createTask",
  recordPath: "/api/v1/jobs/recordInfo",
  body: (model, input, callBackUrl) => ({
    model: marketIdOf(model),
    input,
    ...(callBackUrl === null ? {} : { callBackUrl }),
  }),
  read,
  download: COMMON_DOWNLOAD,
};
