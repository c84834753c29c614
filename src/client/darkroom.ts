/** What the client takes and does. */
import type { Artwork, CanceledArtwork } from "./artwork.ts";
import type { ArtworkEvent, WatchOptions } from "./event.ts";

/** What a generation is made from; `input` holds the fields that its model alone has. */
interface GenerationFields {
  readonly prompt?: string;
  readonly model?: string;
  readonly aspectRatio?: string;
  readonly outputFormat?: string;
  /** URLs, or ids of uploads. */
  readonly images?: readonly string[];
  /** An image whose transparent parts are to be painted: a URL or the id of an upload. */
  readonly mask?: string;
  readonly variants?: number;
  /** Whether the prompt is rewritten before it is sent. */
  readonly optimizePrompt?: boolean;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly fallbackModels?: readonly string[];
  readonly deadlineSeconds?: number;
  readonly webhookUrl?: string;
}

interface ArtworkFields {
  readonly title?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface GenerateRequest extends GenerationFields, ArtworkFields {
  readonly prompt: string;
}

/** What is not given is as it was for the last generation; null takes back what was given then. */
export type RegenerateRequest = ArtworkFields & {
  readonly [Name in keyof GenerationFields]: GenerationFields[Name] | null;
};

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface GenerateOptions extends CallOptions {
  /** One for each call by default: tries of the same call are paid once. */
  readonly idempotencyKey?: string;
  /** Seconds, 60 at most, to wait for the end before answering. */
  readonly wait?: number;
}

export interface ListOptions extends CallOptions {
  readonly limit?: number;
  /** The `lastId` of the page before. */
  readonly after?: string;
  readonly status?: Artwork["status"];
  readonly model?: string;
}

export interface ArtworkPage {
  readonly object: string;
  readonly data: readonly Artwork[];
  readonly hasMore: boolean;
  readonly lastId: string | null;
}

export interface Upload {
  /** Names the image in the `images` of a request. */
  readonly id: string;
  readonly object: string;
  readonly url: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
}

export interface Darkroom {
  readonly generate: (request: GenerateRequest, options?: GenerateOptions) => Promise<Artwork>;
  readonly regenerate: (
    id: string,
    request?: RegenerateRequest,
    options?: GenerateOptions,
  ) => Promise<Artwork>;
  readonly get: (id: string, options?: CallOptions) => Promise<Artwork>;
  readonly list: (options?: ListOptions) => Promise<ArtworkPage>;
  readonly cancel: (id: string, options?: CallOptions) => Promise<CanceledArtwork>;
  readonly delete: (id: string, options?: CallOptions) => Promise<void>;
  readonly upload: (image: Blob | BufferSource, options?: CallOptions) => Promise<Upload>;
  /** Every event once and in order, until the newest generation has ended. Needs nothing but the id. */
  readonly watch: (id: string, options?: WatchOptions) => AsyncGenerator<ArtworkEvent, void>;
}
