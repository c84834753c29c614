import type { TaskReport } from "../../generation/ports.ts";
import type { WireInput } from "../../models/model.ts";

/** One of the upstream's wires: where to create, where to look, how both are spelled. Pure. */
export interface KieProtocol {
  readonly createPath: string;
  readonly recordPath: string;
  /** The body of the create call. */
  readonly body: (model: string, input: WireInput, callBackUrl: string | null) => WireInput;
  /** Reads `data` of a status answer. */
  readonly read: (data: unknown) => TaskReport;
}
