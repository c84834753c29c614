export interface Cache {
  /** The value that this service put under the key; null: none. */
  readonly get: <Value>(key: string) => Promise<Value | null>;
  /** Puts it there soon; does not wait until it is there. */
  readonly put: (key: string, value: unknown, ttlSeconds: number) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
}
