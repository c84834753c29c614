/** The promises, checked against the provider's own record. Pure. */
import type { SimulatedTask, Simulator } from "../../src/simulator/simulator.ts";

export interface Generation {
  readonly id: string;
  readonly status: string;
  readonly terminal: boolean;
  readonly error: { readonly code: string } | null;
  readonly outputs: readonly { readonly url: string; readonly sha256: string }[];
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Event {
  readonly id: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Artwork {
  readonly generation: Generation;
  readonly timeline: readonly Event[];
  /** SHA-256 of what each output's URL serves. */
  readonly digests: readonly string[];
}

interface Run {
  readonly crashes: number;
  readonly accepted: readonly string[];
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly seed: number;
}

const CODES = new Set([
  "content_policy",
  "invalid_input_upstream",
  "input_unreachable",
  "provider_error",
  "provider_credits_exhausted",
  "provider_key_invalid",
  "model_unavailable",
  "timed_out",
  "outcome_unknown",
  "result_unusable",
  "result_lost",
  "no_result",
]);

const generationOf = (task: SimulatedTask): string | null =>
  URL.parse(String(task.body["callBackUrl"]))?.searchParams.get("generation") ?? null;

const tasksOf = (generation: Generation, { tasks }: Simulator): readonly SimulatedTask[] =>
  tasks.filter((task) => generationOf(task) === generation.id);

/** A paid, usable result with a known task id or an accepted callback is not stored. */
export function isLoss(generation: Generation, simulator: Simulator): boolean {
  const [task] = tasksOf(generation, simulator);
  if (task === undefined || generation.status === "completed" || task.state !== "succeeded") return false;
  if (String(task.body["prompt"]).includes("[sim:link-html]")) return false;
  return generation.error?.code !== "outcome_unknown" || task.callbacks.some(({ status }) => status === 200);
}

function problemsOfOne({ generation, timeline, digests }: Artwork, simulator: Simulator): string[] {
  const tasks = tasksOf(generation, simulator);
  const made = tasks[0]?.sha256 ?? [];
  const { id, status, error, outputs } = generation;
  const isWhole =
    outputs.length === made.length &&
    outputs.every((output, index) => output.sha256 === made[index] && digests[index] === made[index]);
  const intents = timeline.filter(({ type }) => type === "artwork.submitting").length;
  const last = timeline.findLast(({ type }) => type.startsWith("artwork."));
  const rules: readonly (readonly [boolean, string])[] = [
    [tasks.length <= 1, "was created twice"],
    [tasks.length <= intents, "was created without an intent on record"],
    [generation.terminal, `never ended: ${status}`],
    [
      status === "completed" ? tasks.length === 1 && isWhole : outputs.length === 0,
      "has other bytes than the provider's",
    ],
    [status !== "failed" || CODES.has(error?.code ?? ""), `failed as ${error?.code}`],
    [!isLoss(generation, simulator), `LOST a paid result: ${status}, ${error?.code}`],
    [timeline.every((event, index) => event.id === index + 1), "has a gap in its timeline"],
    [last?.type === `artwork.${status}`, "has another end in its timeline"],
  ];
  return rules.flatMap(([holds, problem]) =>
    holds ? [] : [`${id} (${String(generation.input["prompt"])}) ${problem}`],
  );
}

export function problemsOf(
  artworks: readonly Artwork[],
  simulator: Simulator,
  accepted: readonly string[],
): string[] {
  const known = new Set<string | null>(artworks.map(({ generation }) => generation.id));
  return [
    ...artworks.flatMap((artwork) => problemsOfOne(artwork, simulator)),
    ...accepted.filter((id) => !known.has(id)).map((id) => `${id} was accepted and is gone`),
    ...simulator.tasks
      .filter((task) => !known.has(generationOf(task)))
      .map(({ id }) => `task ${id} belongs to no generation`),
  ];
}

export function summaryOf(artworks: readonly Artwork[], simulator: Simulator, run: Run): string {
  const ends = artworks.map(({ generation }) => generation.error?.code ?? generation.status);
  const counts = [...new Set(ends)].map((end) => `${end} ${ends.filter((other) => other === end).length}`);
  const paid = simulator.tasks.map(generationOf);
  const duplicates = paid.filter((id, index) => paid.indexOf(id) !== index).length;
  const losses = artworks.filter(({ generation }) => isLoss(generation, simulator)).length;
  return [
    `Crashes ${run.crashes}, generations ${artworks.length} (answered with 202: ${run.accepted.length})`,
    `creates ${simulator.creates()}, duplicates ${duplicates}, losses ${losses}, problems ${run.problems.length}`,
    `ends: ${counts.join(", ")}`,
    `seed ${run.seed}, ${run.seconds} s`,
  ].join("; ");
}
