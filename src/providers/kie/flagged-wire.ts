import * as z from "zod/mini";
import { COMMON_DOWNLOAD } from "./protocol.ts";
import type { KieProtocol } from "./protocol.ts";
import { Amount, Code, failed, running, succeeded, unreadable, Words } from "./reports.ts";

/** `data` of a record. `successFlag`: 0 generating, 1 success, 2 create failed, 3 generation failed. */
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
    if (successFlag === 1) return succeeded(links(response));
    if (successFlag === 2 || successFlag === 3) return failed(errorCode, errorMessage);
    return running(null, successFlag === 0 ? null : `successFlag ${String(successFlag)}`);
  },
  download: COMMON_DOWNLOAD,
});
