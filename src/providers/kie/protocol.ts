import type { TaskReport } from "../../domain/ports/provider.ts";
import type { WireInput } from "../../models/model.ts";

/** One of KIE's wires: paths and bodies of the create call and the status read. Pure. */
export interface KieProtocol {
  readonly createPath: string;
  readonly recordPath: string;
  /** The body of the create call. */
  readonly body: (model: string, input: WireInput, callBackUrl: string | null) => WireInput;
  /** Reads `data` of a status answer. */
  readonly read: (data: unknown) => TaskReport;
  /** Asks for another link to a result; `COMMON_DOWNLOAD` where the family has none of its own. */
  readonly download: DownloadCall;
}

export interface DownloadCall {
  readonly path: string;
  readonly body: (taskId: string, url: string) => WireInput;
}

/** Works for every result of KIE; a URL that is not its own is refused as "url is wrong". */
export const COMMON_DOWNLOAD: DownloadCall = {
  path: "/api/v1/common/download-url",
  body: (_taskId, url) => ({ url }),
};
