import type * as z from "zod";
import type { Envelope } from "../answers.ts";
import type { Scenario } from "../markers.ts";
import type { Format } from "../images/formats.ts";

/** One result a request asks for. */
export interface ResultPlan {
  readonly format: Format;
  readonly width: number;
  readonly height: number;
}

/** What the core has to know about an accepted body. */
export interface Order {
  readonly prompt: string;
  readonly model: string;
  readonly callBackUrl: string | null;
  readonly credits: number;
  readonly results: readonly ResultPlan[];
}

/** The task a family talks about. Times are epoch milliseconds. */
export interface Subject {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly order: Order;
  readonly createdAt: number;
  /** What its prompt asks to go wrong; some of it is a way of spelling. */
  readonly scenario: Scenario;
  /** null: it never ends. */
  readonly endsAt: number | null;
}

export type Ended =
  /** No URL at all is a scenario: a success that has nothing to show. */
  | { readonly kind: "succeeded"; readonly urls: readonly string[]; readonly originUrl: string | null }
  | { readonly kind: "failed"; readonly code: number; readonly message: string };

export type Progress =
  /** @property progress from 0 to below 1 */
  | { readonly kind: "running"; readonly progress: number }
  /** A state that no client knows. */
  | { readonly kind: "unknown" }
  | Ended;

interface Wire {
  readonly name: string;
  /** POST here makes a task. */
  readonly createPath: string;
  /** GET here with `?taskId=` reads it. */
  readonly recordPath: string;
  /** The `data` that answers an accepted create. */
  readonly created: (subject: Subject) => unknown;
  /** The `data` of a status read. */
  readonly record: (subject: Subject, progress: Progress) => unknown;
  /** The whole callback body. */
  readonly callback: (subject: Subject, ended: Ended) => Envelope;
}

interface FamilySpec<Body extends object> extends Wire {
  /** Strict: what KIE does not know, it refuses. */
  readonly body: z.ZodType<Body>;
  readonly order: (body: Body) => Order;
}

export interface Family extends Wire {
  readonly read: (body: unknown) => { readonly order: Order } | { readonly refusal: Envelope };
}

/** KIE reports a missing field and this one range as a server error; every other invalid field is 422. */
const REPORTED_AS_SERVER_ERROR = / is required$|^safety tolerance out of range/;

/** Hides the body's type, so that a list of families needs no `any`. */
export function defineFamily<Body extends object>({
  body: schema,
  order,
  ...wire
}: FamilySpec<Body>): Family {
  return {
    ...wire,
    read(body) {
      const parsed = schema.safeParse(body);
      return parsed.success ? { order: order(parsed.data) } : { refusal: refusalOf(parsed.error) };
    },
  };
}

/** The message of a required field that is not there. */
export function missing(field: string): { error: (issue: { input?: unknown }) => string | undefined } {
  return {
    error: (issue) => (issue.input === undefined || issue.input === "" ? `${field} is required` : undefined),
  };
}

function refusalOf(error: z.ZodError): Envelope {
  const [issue] = error.issues;
  const message = issue?.message ?? "invalid request";
  if (REPORTED_AS_SERVER_ERROR.test(message)) return { code: 500, msg: message };
  const path = issue?.path.join(".") ?? "";
  return { code: 422, msg: path === "" ? message : `${path}: ${message}` };
}
