/** So many calls within a sliding window. */
export interface RateLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** What a simulator is made from. Clock, timers and the sender of callbacks come from outside, so that a test owns them. */
export interface SimulatorOptions {
  /** Where its result links point, for instance "http://127.0.0.1:8799". */
  readonly origin: string;
  /** The Bearer keys it accepts. Each is an account of its own. */
  readonly apiKeys: readonly string[];
  /** When set, callbacks carry X-Webhook-Timestamp and X-Webhook-Signature. */
  readonly webhookHmacKey: string | null;
  /** How long a task takes from create to its end, in milliseconds. */
  readonly taskMs: number;
  /** Creates per account within a sliding window; what is above it is dropped. */
  readonly createLimit: RateLimit;
  /** Tasks of an account that may run at the same time; without it any number. */
  readonly runningLimit?: number;
  /** Status reads of an account; what is above it is refused. Without it any number. */
  readonly readLimit?: RateLimit;
  /** Status reads of one task, by family. */
  readonly taskReadLimits?: Readonly<Record<string, RateLimit>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Runs something later. A test passes a fake clock's, Node passes setTimeout. */
  readonly schedule: (delayMs: number, run: () => Promise<void>) => void;
  /** Sends a callback. Only loopback addresses ever get here. */
  readonly deliver: (request: Request) => Promise<Response>;
  /** Fetches an input image at create; only loopback addresses ever get here. Without it none is fetched. */
  readonly fetchInput?: (request: Request) => Promise<Response>;
  /** Credits of each account at the start; without it there are plenty. */
  readonly balance?: number;
  /** Whom Workers AI lets in; without it `CLOUDFLARE_ACCOUNT`. */
  readonly cloudflare?: typeof CLOUDFLARE_ACCOUNT;
}

/** An account of Workers AI and its token. */
export const CLOUDFLARE_ACCOUNT: { readonly accountId: string; readonly token: string } = {
  accountId: "sim-account",
  token: "sim-token",
};

/** The documented limit: 20 creates per 10 s and account. */
export const DOCUMENTED_CREATE_LIMIT = { count: 20, windowMs: 10_000 } as const;

/** Everything that is documented to be limited: creates, running tasks ("about 100"), status reads, and those of one 4o task. */
export const DOCUMENTED_LIMITS = {
  createLimit: DOCUMENTED_CREATE_LIMIT,
  runningLimit: 100,
  readLimit: { count: 10, windowMs: 1_000 },
  taskReadLimits: { "gpt4o-image": { count: 3, windowMs: 1_000 } },
} as const;

/** Enough for any test that is not about running out. */
export const PLENTY_OF_CREDITS = 1_000_000;
