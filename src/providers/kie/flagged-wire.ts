import * as z from "zod/mini";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, outcomeOfFlag, running, succeeded, unreadable, Words } from "./reports.ts";

/** `data` of a record. */
const Record = z.object({
  successFlag: Amount,
  errorCode: Code,
  errorMessage: Words,
  response: z.optional(z.unknown()),
});

interface FlaggedWire extends Pick<KieProtocol, "createPath" | "recordPath"> {
  /** The links in a record's `response`. */
  readonly links: (response: unknown) => string[];
}

/** A wire of the older kind: a flat body with the model in it, and a record whose `successFlag` says how it stands. */
export const flaggedWire = ({ createPath, recordPath, links }: FlaggedWire): KieProtocol => ({
  createPath,
  recordPath,
  body: (model, input, callBackUrl) => ({
    model,
    ...input,
    ...(callBackUrl === null ? {} : { callBackUrl }),
  }),
  read: (data) => {
    const record = Record.safeParse(data);
    if (!record.success) return unreadable;
    const { successFlag, errorCode, errorMessage, response } = record.data;
    switch (outcomeOfFlag(successFlag)) {
      case "running":
        return running();
      case "success":
        return succeeded(links(response));
      case "fail":
        return failed(errorCode, errorMessage);
      case null:
        return running(null, `successFlag ${String(successFlag)}`);
    }
  },
  download: COMMON_DOWNLOAD,
});
