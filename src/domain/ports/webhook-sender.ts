export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The longest that it may take. */
  readonly milliseconds: number;
}

/** The result of a POST. `text` is the beginning of the answer's body. `forbidden`: the URL leads to a private address. */
export type PostResult =
  | {
      readonly answered: true;
      readonly status: number;
      readonly retryAfter: string | null;
      readonly location: string | null;
      readonly text: string;
    }
  | { readonly answered: false; readonly problem: "forbidden" | "transient"; readonly reason: string };

export interface WebhookSender {
  /** POSTs to an untrusted URL and follows no redirect. Never throws. */
  readonly post: (url: string, message: Message) => Promise<PostResult>;
}
