/**
 * Runs many random schedules, one shard per core: `node test/e2e/soak.ts --schedules 10000 --shards 2`.
 * Each shard has its own seed; a failing one prints the seed and path of its schedule.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { availableParallelism } from "node:os";

const VITEST = "node_modules/vitest/vitest.mjs";
const TOTALS = /^totals (\{.*\})$/m;

interface Shard {
  readonly seed: number;
  readonly isGreen: boolean;
  readonly output: string;
}

async function runShard(seed: number, schedules: number): Promise<Shard> {
  const child = spawn(
    process.execPath,
    [VITEST, "run", "--project", "proof", "test/proof/schedules.test.ts", "-t", "random schedules"],
    {
      env: {
        ...process.env,
        DARKROOM_SCHEDULES: String(schedules),
        DARKROOM_SEED: String(seed),
        DARKROOM_TOTALS: "1",
        NO_COLOR: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, "exit")) as [number | null];
  return { seed, isGreen: code === 0, output };
}

function add(sums: Record<string, number>, { output }: Shard): Record<string, number> {
  const text = TOTALS.exec(output)?.[1];
  const totals = text === undefined ? {} : (JSON.parse(text) as Record<string, number>);
  const names = new Set([...Object.keys(sums), ...Object.keys(totals)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const both = [sums[name] ?? 0, totals[name] ?? 0];
      return [name, name.startsWith("most ") ? Math.max(...both) : both[0]! + both[1]!];
    }),
  );
}

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "10000" },
    shards: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 30)) },
  },
});
const count = Number(values.shards);
const startedAt = Date.now();
const shards = await Promise.all(
  Array.from({ length: count }, (_, index) =>
    runShard(Number(values.seed) + index, Math.ceil(Number(values.schedules) / count)),
  ),
);
for (const { output, seed } of shards.filter(({ isGreen }) => !isGreen)) {
  console.error(`The shard of seed ${seed} failed:\n${output}`);
}
const totals = shards.reduce(add, {});
const seconds = Math.round((Date.now() - startedAt) / 1_000);
console.log(
  [
    `seed ${values.seed}, ${count} shards, ${seconds} s`,
    ...Object.entries(totals).map(([name, total]) => `${name} ${total}`),
  ].join("; "),
);
process.exitCode = shards.every(({ isGreen }) => isGreen) ? 0 : 1;
