/** The API's answers, with the fields that tests read. Types only: usable inside workerd and outside. */

export interface OutputBody {
  readonly id: string;
  readonly url: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
}

export interface GenerationBody {
  readonly id: string;
  readonly artworkId: string;
  readonly number: number;
  readonly status: string;
  readonly terminal: boolean;
  readonly progress: number | null;
  readonly model: string;
  readonly input: Record<string, unknown>;
  readonly outputs: readonly OutputBody[];
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null;
  readonly credits: { readonly estimated: number | null; readonly used: number | null };
  readonly submittedAt: string | null;
  readonly completedAt: string | null;
}

export interface ArtworkBody {
  readonly id: string;
  readonly status: string;
  readonly title: string | null;
  readonly metadata: Record<string, unknown>;
  readonly prompt: string;
  readonly model: string;
  readonly outputs: readonly OutputBody[];
  readonly generation: GenerationBody;
  readonly urls: Record<string, string>;
}

export interface ProblemBody {
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly { readonly path: string; readonly message: string; readonly code: string }[];
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}
