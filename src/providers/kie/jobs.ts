import * as z from "zod/mini";
import type { TaskReport } from "../../generation/provider-port.ts";
import { lookUp } from "../../lib/look-up.ts";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, running, succeeded, unreadable, Words } from "./reports.ts";
import { resultUrls } from "./result-urls.ts";

/** An operator's own choice from the market carries this before the market's id; see models/any-market-model.ts. */
const OWN_CHOICE = /^kie:/;

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

type Outcome = "running" | "success" | "fail";

const STATES: Readonly<{ [state: string]: Outcome }> = {
  waiting: "running",
  queuing: "running",
  generating: "running",
  success: "success",
  fail: "fail",
};
const FLAGS: Readonly<{ [flag: number]: Outcome }> = { 0: "running", 1: "success", 2: "fail", 3: "fail" };

/** The state decides, whatever else is filled in: one of the upstream's samples shows `waiting` with results. */
function outcomeOf({ state, successFlag }: Record): Outcome | null {
  return lookUp(STATES, state ?? "") ?? FLAGS[successFlag ?? -1] ?? null;
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
    model: model.replace(OWN_CHOICE, ""),
    input,
    ...(callBackUrl === null ? {} : { callBackUrl }),
  }),
  read,
  download: COMMON_DOWNLOAD,
};
