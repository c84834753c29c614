import type { Bindings } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends Bindings {
      readonly TEST_MIGRATIONS: D1Migration[];
      readonly DARKROOM_SCHEDULES?: string;
      readonly DARKROOM_SEED?: string;
      readonly DARKROOM_PATH?: string;
    }
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
  }
}

declare module "vitest" {
  interface TaskMeta {
    /** Printed after the run. */
    summary?: string;
  }
}
