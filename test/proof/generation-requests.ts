/** Random generation requests: prompts with scenarios, models with fallbacks, input images. */
import * as fc from "fast-check";
import type { ScenarioName } from "../../src/simulator/scenarios.ts";

/** One generation request. */
export interface GenerationRequest {
  readonly markers: string;
  readonly deadlineSeconds: number;
  /** The model and its fallbacks; without them the service's default. */
  readonly models?: readonly string[];
  readonly variants?: number | undefined;
  /** Edits an image that the play uploads first. */
  readonly isEdit?: boolean;
  /** Carries an `Idempotency-Key`. */
  readonly isNamed?: boolean;
}

type Drawn = ScenarioName | `${ScenarioName}=${number}`;

/** Failures after which a fallback model takes over. */
const WITH_FALLBACK: readonly Drawn[] = [
  "create-455=1",
  "create-550=2",
  "create-404",
  "create-505",
  "create-paused",
  "fail-500",
  "fail-501",
  "fail-550",
];
const CREATE: readonly Drawn[] = [
  "create-500-after-accept",
  "create-drop",
  "create-html-502",
  "create-no-task-id",
  "create-429=1",
  "create-429=3",
  "create-455=1",
  "create-550=2",
  "create-401",
  "create-402",
  "create-402-as-500",
  "create-404",
  "create-422",
  "create-433",
  "create-451",
  "create-500-validation",
  "create-505",
  "create-paused",
];
const TASK: readonly Drawn[] = [
  "fail-400",
  "fail-402",
  "fail-422-media",
  "fail-451",
  "fail-500",
  "fail-501",
  "fail-550",
  "success-no-url",
  "unknown-state",
  "stuck",
  "slow=20",
  "slow=90",
  "slow=400",
  "slow=3600",
  "record-null=2",
  "status-500=2",
  "status-401=2",
  "status-429=1",
  "status-455=1",
  "origin-url-null",
];
const CALLBACK: readonly Drawn[] = [
  "no-callback",
  "callback-twice",
  "callback-early",
  "callback-wrong-task",
  "callback-wrong-url",
  "callback-late=30",
  "callback-late=600",
  "callback-late=7200",
  "callback-out-of-order",
];
const LINK: readonly Drawn[] = [
  "link-404=1",
  "link-404=2",
  "link-500=1",
  "link-500=3",
  "link-expired",
  "link-gone",
  "link-html",
  "link-empty",
  "link-text-as-png",
  "link-lying-length",
  "link-redirect",
  "link-redirect-private",
  "link-redirect-loop",
  "link-chunked",
];
const VARIANT: readonly Drawn[] = ["variant-missing=0", "variant-missing=1"];

/** Every scenario that a random schedule can contain; the proof asserts that each occurred. */
export const DRAWN_SCENARIOS: readonly string[] = [
  ...CREATE,
  ...TASK,
  ...CALLBACK,
  ...LINK,
  ...VARIANT,
  "code-as-string",
];

/** Usually none: with faults everywhere all generations end alike. */
const maybe = (names: readonly Drawn[]) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...names) });

type Names = readonly (Drawn | "code-as-string" | null)[];

const anything: fc.Arbitrary<Names> = fc.tuple(
  maybe(CREATE),
  maybe(TASK),
  maybe(CALLBACK),
  maybe(LINK),
  fc.constantFrom(null, null, null, null, "code-as-string" as const),
);
const withFallback: fc.Arbitrary<Names> = fc.tuple(fc.constantFrom(...WITH_FALLBACK), maybe(CALLBACK));

const written = (names: Names, model?: string): string =>
  names
    .flatMap((name) => (name === null ? [] : [`[sim:${name}${model === undefined ? "" : `@${model}`}]`]))
    .join(" ");

/** Scenarios for any model. */
export const markers: fc.Arbitrary<string> = anything.map((names) => written(names));

/** Scenarios for each model of a chain; mostly with a failure after which the next one takes over. */
const markersOf = (models: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...models.map((model, place) => {
        const own = place === models.length - 1 ? anything : fc.oneof(anything, withFallback, withFallback);
        return own.map((names) => written(names, model));
      }),
    )
    .map((texts) => texts.join(" ").trim());

const PRO = "flux-kontext-pro";
const MAX = "flux-kontext-max";
const BANANA = "google/nano-banana";
const BANANA_EDIT = "google/nano-banana-edit";
const GPT = "gpt-4o-image";
const SORA = "sora-2-text-to-video";

/** Every family and wire; chains stay within a wire or change it, with one or two fallbacks. */
const CHAINS: readonly (readonly string[])[] = [
  [PRO, MAX],
  [PRO, BANANA],
  [BANANA, MAX],
  [GPT, BANANA],
  [PRO, MAX, BANANA],
  [MAX, GPT, PRO],
  [SORA, "veo3_fast"],
];
const SINGLES: readonly string[] = [BANANA, GPT, SORA, "veo3"];
const EDITS: readonly (readonly string[])[] = [[PRO], [PRO, BANANA_EDIT], [GPT], [BANANA_EDIT, MAX]];

const deadlineSeconds = fc.constantFrom(10, 30, 60, 300, 600);
const isNamed = fc.constantFrom(false, false, true);

const plain: fc.Arbitrary<GenerationRequest> = fc.record({ markers, deadlineSeconds, isNamed });
const ofOneModel: fc.Arbitrary<GenerationRequest> = fc.record({
  markers,
  deadlineSeconds,
  models: fc.constantFrom(...SINGLES).map((model) => [model]),
});
const variants: fc.Arbitrary<GenerationRequest> = fc
  .record({
    markers,
    missing: fc.constantFrom(null, ...VARIANT),
    deadlineSeconds,
    models: fc.constant([GPT]),
    variants: fc.constantFrom(2, 4),
  })
  .map(({ missing, ...request }) => ({
    ...request,
    markers: `${request.markers} ${written([missing])}`.trim(),
  }));
const chain = (
  chains: readonly (readonly string[])[],
  { isEdit }: { readonly isEdit: boolean },
): fc.Arbitrary<GenerationRequest> =>
  fc.constantFrom(...chains).chain((models) =>
    fc.record({
      markers: markersOf(models),
      deadlineSeconds,
      models: fc.constant(models),
      isEdit: fc.constant(isEdit),
      isNamed,
    }),
  );

export const generationRequests: fc.Arbitrary<GenerationRequest> = fc.oneof(
  { weight: 8, arbitrary: plain },
  { weight: 5, arbitrary: chain(CHAINS, { isEdit: false }) },
  { weight: 2, arbitrary: chain(EDITS, { isEdit: true }) },
  { weight: 2, arbitrary: ofOneModel },
  { weight: 1, arbitrary: variants },
);
