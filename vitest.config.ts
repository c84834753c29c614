import { builtinModules } from "node:module";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { esmExternalRequirePlugin } from "vite";
import { defineConfig } from "vitest/config";
import type { TestModule } from "vitest/node";
import { buildAssets } from "./src/dev/assets.ts";
import { createSimulator, DOCUMENTED_CREATE_LIMIT } from "./src/simulator/simulator.ts";

/** The upstream of the Worker under test, where a test does not bring its own. It has no way to call back. */
const simulator = createSimulator({
  origin: "http://127.0.0.1:1",
  apiKeys: ["sim-key"],
  webhookHmacKey: null,
  taskMs: 0,
  createLimit: { ...DOCUMENTED_CREATE_LIMIT, count: 1_000 },
  now: () => Date.now(),
  // A retry of a callback an hour from now must not keep the process alive.
  schedule: (delayMs, run) => void setTimeout(() => void run(), delayMs).unref(),
  deliver: () => Promise.reject(new Error("nobody listens")),
});

function proofSettings(variables: Record<string, string | undefined>): Record<string, string> {
  const names = ["DARKROOM_SCHEDULES", "DARKROOM_SEED", "DARKROOM_PATH", "DARKROOM_LIVES"];
  return Object.fromEntries(
    names.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );
}

/** A proof says at its end how much it has seen. */
function printSummaries(modules: readonly TestModule[]): void {
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { summary, totals } = test.meta();
      if (summary !== undefined) console.log(`${summary}\n`);
      if (process.env["DARKROOM_TOTALS"] !== undefined && totals !== undefined) {
        console.log(`totals ${JSON.stringify(totals)}`);
      }
    }
  }
}

/** Leaves Node's own modules to the runtime. */
const NODE_MODULES = esmExternalRequirePlugin({
  external: [new RegExp(`^(node:)?(${builtinModules.filter((name) => !name.includes(":")).join("|")})$`)],
});

export default defineConfig({
  plugins: [
    cloudflareTest(async () => {
      await buildAssets();
      return {
        main: "./src/index.ts",
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: {
          outboundService: (request: Request) => simulator.fetch(request),
          bindings: {
            TEST_MIGRATIONS: await readD1Migrations("./migrations"),
            API_KEY: "root-key",
            KIE_API_KEY: "sim-key",
            KIE_API_BASE_URL: "http://127.0.0.1:1/api/v1",
            // How much test/proof draws, and what it draws again.
            ...proofSettings(process.env),
          },
        },
      };
    }),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "node_modules/**"],
    setupFiles: ["test/support/setup.ts"],
    // Unbundled, the parts of this package import each other instead of the packages of the same name.
    deps: {
      optimizer: {
        ssr: { enabled: true, include: ["ioredis"], rolldownOptions: { plugins: [NODE_MODULES] } },
      },
    },
    // One is the default on a machine with two cores, and the longest file would wait for all the others.
    maxWorkers: 2,
    silent: "passed-only",
    reporters: ["default", { onTestRunEnd: printSummaries }],
    testTimeout: 20_000,
  },
});
