import { builtinModules } from "node:module";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { esmExternalRequirePlugin } from "vite";
import { defineConfig, defineProject } from "vitest/config";
import type { TestModule, TestSpecification } from "vitest/node";
import { buildAssets } from "./src/dev/assets.ts";
import { createSimulator, DOCUMENTED_CREATE_LIMIT } from "./src/simulator/simulator.ts";

/** The provider of the Worker under test, where a test does not bring its own. It cannot call back. */
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

/** How long a whole project takes on two cores that do nothing else. */
const ABOUT: Readonly<Record<string, string>> = { fast: "80 seconds", proof: "4 minutes" };

function printDuration(specifications: readonly TestSpecification[]): void {
  const nameOf = ({ project: { name } }: TestSpecification) => name.replace(/-.*/, "");
  for (const name of new Set(specifications.map(nameOf))) {
    const files = specifications.filter((one) => nameOf(one) === name).length;
    console.log(
      `${files} files of the ${name} tests. All of them take about ${ABOUT[name] ?? "?"} on two cores.`,
    );
  }
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

type Settings = Readonly<Record<string, string>>;

/** How much the fast tests play, and how much the proof. A variable of the same name overrides the setting. */
const FAST: Settings = { DARKROOM_SCHEDULES: "50", DARKROOM_WIRES: "one" };
const PROOF: Settings = { DARKROOM_SCHEDULES: "500", DARKROOM_WIRES: "all" };
/** Draws the same schedules again. */
const REPLAY = ["DARKROOM_SEED", "DARKROOM_PATH"];

function withOverrides(settings: Settings): Settings {
  const given = [...Object.keys(settings), ...REPLAY].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...settings, ...Object.fromEntries(given) };
}

const inWorker = (settings: Settings) =>
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
          ...withOverrides(settings),
        },
      },
    };
  });

/**
 * Files whose rows would disturb others: endpoints that get every event of an owner, repetitions that join what is on
 * record, plans of queries. They share a runtime and a storage with each other only.
 */
const APART = [
  "test/api/openai/refused-today.test.ts",
  "test/api/openai/replays.test.ts",
  "test/api/shared/{overtaking,replays}.test.ts",
  "test/db/*.test.ts",
  "test/domain/webhooks/*.test.ts",
  "test/redis/*.test.ts",
];

/** Files that look at everything an owner has, or at whole tables: each has a runtime and a storage of its own. */
const OWN_STORAGE = [
  "test/api/darkroom/artworks.test.ts",
  "test/api/darkroom/feed.test.ts",
  "test/api/openai/retries.test.ts",
  "test/api/openai/video-list.test.ts",
  "test/api/shared/idempotency.test.ts",
  "test/api/worker.test.ts",
  "test/domain/generations/publish.test.ts",
  "test/domain/lifecycle/expire.test.ts",
  "test/domain/lifecycle/status-reads.test.ts",
  "test/durable-objects/*.test.ts",
  "test/proof/*.test.ts",
];

/** Files that take minutes, or play a hundred jobs at a time. */
const PROOF_ONLY = [
  "test/domain/start-slots/slots.test.ts",
  "test/proof/bursts.test.ts",
  "test/proof/every-await.test.ts",
];

interface Files {
  readonly include: string[];
  readonly exclude: string[];
  /** Whether each file has a runtime and a storage of its own. */
  readonly isolate: boolean;
}

const project = (name: string, settings: Settings, files: Files) =>
  defineProject({
    plugins: [inWorker(settings)],
    test: {
      name,
      ...files,
      setupFiles: ["test/support/setup.ts"],
      deps: {
        optimizer: {
          ssr: {
            enabled: true,
            // Unbundled, the parts of ioredis import each other instead of the packages of the same name.
            include: ["ioredis"],
            rolldownOptions: { plugins: [NODE_MODULES] },
          },
        },
      },
      testTimeout: 20_000,
    },
  });

export default defineConfig({
  test: {
    projects: [
      project("fast", FAST, {
        include: ["test/**/*.test.ts"],
        exclude: ["test/e2e/**", ...PROOF_ONLY, ...APART, ...OWN_STORAGE],
        isolate: false,
      }),
      project("fast-apart", FAST, { include: APART, exclude: [], isolate: false }),
      project("fast-isolated", FAST, {
        include: OWN_STORAGE,
        exclude: PROOF_ONLY,
        isolate: true,
      }),
      project("proof", PROOF, {
        include: [
          "test/proof/**/*.test.ts",
          "test/domain/lifecycle/faults.test.ts",
          "test/domain/start-slots/slots.test.ts",
        ],
        exclude: [],
        isolate: true,
      }),
    ],
    // One is the default on a machine with two cores, and the longest file would wait for all the others.
    maxWorkers: 2,
    silent: "passed-only",
    reporters: ["default", { onTestRunStart: printDuration, onTestRunEnd: printSummaries }],
  },
});
