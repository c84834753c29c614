import type { Bindings } from "../../src/bindings.ts";
import type { Variables } from "../../src/env.ts";

declare global {
  interface ImportMeta {
    /** Vite's: the modules that match, by path. */
    readonly glob: <Module>(pattern: string, options: { eager: true }) => Record<string, Module>;
  }

  namespace Cloudflare {
    interface Env extends Bindings, Variables {
      readonly TEST_MIGRATIONS: D1Migration[];
      readonly DARKROOM_SCHEDULES: string;
      readonly DARKROOM_WIRES: "one" | "all";
      readonly DARKROOM_SEED?: string;
      readonly DARKROOM_PATH?: string;
    }
    interface GlobalProps {
      mainModule: typeof import("../../src/index.ts");
    }
  }
}

declare module "vitest" {
  interface TaskMeta {
    /** Printed after the run. */
    summary?: string;
    /** The counts, to add up several runs. */
    totals?: Readonly<Record<string, number>>;
  }
}
