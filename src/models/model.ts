import type * as z from "zod/mini";
import type { FieldIssue } from "../lib/issues.ts";
import type { CommonField, CommonRequest } from "./common-fields.ts";

/** `any`: what an unlisted model makes is known when its bytes are there, see any-market-model.ts. */
export type Kind = "image" | "video" | "any";

/** The operator's defaults, used where the caller says nothing and the model takes the field and the value. */
export interface ModelDefaults {
  readonly aspectRatio: string;
  readonly outputFormat: string;
  readonly safetyTolerance: number;
  /** Steps in which Workers AI's own Flux draws, 1 to 8. */
  readonly fluxSteps: number;
}

export type WireInput = Readonly<Record<string, unknown>>;

/** How a common field reaches the wire: its name there, and its value where that differs. */
export interface FieldMapping {
  readonly field: string;
  /** Our values and the wire's; any other value of ours is refused. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly toWire?: (value: unknown) => unknown;
}

/** A price that holds when each of these wire fields has one of these values. */
export interface PriceRule {
  readonly when: Readonly<Record<string, readonly unknown[]>>;
  readonly credits: number | null;
}

/** Media types of input images and the largest size of one. */
export interface ImageRule {
  readonly types: readonly string[];
  readonly megabytes: number;
}

/**
 * Lengths and sizes of videos in the words of OpenAI's Videos API, each with its wire fields. The first is what is
 * made when nobody says.
 */
export interface VideoOptions {
  /** By length in whole seconds, the shortest first. */
  readonly seconds: Readonly<Record<string, WireInput>>;
  /** By width and height, as in `720x1280`. */
  readonly sizes: Readonly<Record<string, WireInput>>;
}

export interface ModelSpec {
  /** The provider's own id, which is also Darkroom's. */
  readonly id: string;
  /** Names that OpenAI's clients have for it and its `editModel`. */
  readonly aliases?: readonly string[];
  readonly family: string;
  readonly kind: Kind;
  /** Which wire carries it: the key of a protocol in `providers/`. */
  readonly protocol: string;
  /** The provider's fields by their wire names, without those that the protocol adds. */
  readonly input: z.ZodMiniType<WireInput, WireInput> & {
    readonly shape: Readonly<Record<string, z.core.$ZodType>>;
  };
  readonly common: Readonly<Partial<Record<CommonField, FieldMapping>>>;
  /** Values of required fields, for a request where neither caller nor operator gives one. */
  readonly defaults?: WireInput;
  /** With this wire field the provider keeps or chooses the ratio; the operator's default then does not apply. */
  readonly ratioSource?: string;
  /** What else the operator's defaults mean to this family. */
  readonly moreDefaults?: (given: WireInput, operator: ModelDefaults) => WireInput;
  /** The input images it takes, as the provider documents them. URLs are not opened to check. */
  readonly imageRule?: ImageRule;
  /** Videos only. */
  readonly video?: VideoOptions;
  /** By OpenAI's word for a quality, the wire fields that ask for it; without it a field `quality` takes the word itself. */
  readonly qualities?: Readonly<Record<string, WireInput>>;
  /** Usual price of one generation in the provider's credits; null: price not published. */
  readonly credits: number | null;
  /** Prices that differ with an option, the first that holds wins. */
  readonly creditsByOption?: readonly PriceRule[];
  /** Default: 15 minutes for an image, 30 for a video. */
  readonly deadlineSeconds?: number;
  /** What a caller should know before asking. */
  readonly notice?: string;
  /** ISO date from which the provider refuses the model; only where that date is certain. */
  readonly retiresAt?: string;
  readonly replacement?: string;
  /** The model that edits images where this one takes none. */
  readonly editModel?: string;
  /** A request body that works. */
  readonly example: CommonRequest;
}

export type Prepared =
  | { readonly ok: true; readonly input: WireInput }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

export interface Model extends Pick<
  ModelSpec,
  "id" | "family" | "kind" | "protocol" | "input" | "common" | "credits" | "example"
> {
  readonly aliases: readonly string[];
  /** Null for images. */
  readonly video: VideoOptions | null;
  readonly qualities: Readonly<Record<string, WireInput>>;
  readonly defaults: WireInput;
  readonly creditsByOption: readonly PriceRule[];
  readonly deadlineSeconds: number;
  readonly notice: string | null;
  readonly retiresAt: string | null;
  readonly replacement: string | null;
  readonly editModel: string | null;
  /** The input images it takes; null where that is not published. */
  readonly imageRule: ImageRule | null;
  /** Under which wire name each common field goes. */
  readonly wireNames: Readonly<Partial<Record<CommonField, string>>>;
  /** Maps and validates a request; all bad fields at once. Does no I/O. */
  readonly prepare: (
    request: CommonRequest,
    defaults: ModelDefaults,
    urlProblem: (url: string) => string | null,
  ) => Prepared;
}

/** Whether the provider refuses the model at `now` (epoch milliseconds). */
export const isRetired = ({ retiresAt }: Pick<Model, "retiresAt">, now: number): boolean =>
  retiresAt !== null && now >= Date.parse(retiresAt);

/** The prompt in a model's own input; null where there is none. */
export function promptOf({ wireNames }: Pick<Model, "wireNames">, input: WireInput): string | null {
  const prompt = input[wireNames.prompt ?? ""];
  return typeof prompt === "string" && prompt.trim() !== "" ? prompt : null;
}
