/** A file as it was uploaded. */
export interface StoredFile {
  readonly id: string;
  readonly via: "stream" | "base64" | "url" | "imgbb";
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** Epoch milliseconds after which it is gone; Infinity: never. */
  readonly until: number;
}
