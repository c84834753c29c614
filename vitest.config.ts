import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { createSimulator, DOCUMENTED_CREATE_LIMIT } from "./test/simulator/simulator.ts";

/** The upstream of the Worker under test, where a test does not bring its own. It has no way to call back. */
const simulator = createSimulator({
  origin: "http://127.0.0.1:1",
  apiKeys: ["sim-key"],
  webhookHmacKey: null,
  taskMs: 0,
  createLimit: { ...DOCUMENTED_CREATE_LIMIT, count: 1_000 },
  now: () => Date.now(),
  schedule: (delayMs, run) => void setTimeout(() => void run(), delayMs),
  deliver: () => Promise.reject(new Error("nobody listens")),
});

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        outboundService: (request: Request) => simulator.fetch(request),
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations("./migrations"),
          API_KEY: "root-key",
          KIE_API_KEY: "sim-key",
          KIE_API_BASE_URL: "http://127.0.0.1:1/api/v1",
        },
      },
    })),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/node/**", "test/browser/**", "node_modules/**"],
    setupFiles: ["test/setup.ts"],
    silent: "passed-only",
    testTimeout: 20_000,
  },
});
