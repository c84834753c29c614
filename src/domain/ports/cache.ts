export interface Cache {
  /** What was put there by this service, of the type that it was put as; null when there is nothing. */
  readonly get: <Value>(key: string) => Promise<Value | null>;
  /** Puts it there soon; does not wait until it is there. */
  readonly put: (key: string, value: unknown, ttlSeconds: number) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
}
