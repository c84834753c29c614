/** Lives for the proof that ends a process at each of their awaits. */
import { env } from "cloudflare:workers";
import type { Mode } from "./fault.ts";
import type { Order } from "./orders.ts";
import type { Phase } from "./process.ts";
import type { Action } from "./schedule.ts";

/** What is done in it, and how many provider keys there are. */
type Life = readonly [name: string, actions: readonly Action[], keys: number];

const generate = (markers: string, more: Partial<Order> = {}): Action => ({
  kind: "generate",
  order: { markers, deadlineSeconds: 600, ...more },
});

/** The proof plays the longer lives too, which takes minutes. */
const PLAYS_ALL = env.DARKROOM_LIVES === "all";

const PLAIN: Life = ["a plain generation", [generate("")], 1];
const LONGER: readonly Life[] = [
  // Who forgets an unanswered create call has minutes in which to make another one: no callback tells of the first.
  ["a generation that is finished by looking", [generate("[sim:no-callback]")], 1],
  // The first model's callback stays in the inbox, where nothing of the second one ever comes.
  [
    "a generation whose fallback is finished by looking",
    [
      generate("[sim:fail-501@flux-kontext-pro] [sim:no-callback@flux-kontext-max]", {
        models: ["flux-kontext-pro", "flux-kontext-max"],
      }),
    ],
    1,
  ],
  ["a generation whose create call is dropped", [generate("[sim:create-drop]")], 1],
  [
    "a generation that is canceled and its artwork deleted",
    [
      generate(""),
      { kind: "pass", seconds: 1 },
      { kind: "cancel", artwork: 0 },
      { kind: "delete", artwork: 0 },
    ],
    1,
  ],
  [
    "a generation that two fallbacks take over",
    [
      generate("[sim:create-505@flux-kontext-pro] [sim:fail-501@flux-kontext-max]", {
        models: ["flux-kontext-pro", "flux-kontext-max", "google/nano-banana"],
      }),
    ],
    1,
  ],
  ["a generation from an image, named by a key", [generate("", { isEdit: true, isNamed: true })], 1],
  [
    "a generation whose first provider key is refused",
    [
      { kind: "trouble", account: 0, trouble: "locked", seconds: 300 },
      { kind: "trouble", account: 1, trouble: "empty", seconds: 20 },
      generate(""),
      { kind: "pass", seconds: 90 },
      generate(""),
    ],
    2,
  ],
];
export const LIVES: readonly Life[] = PLAYS_ALL ? [PLAIN, ...LONGER] : [PLAIN];

/** Lives in the midst of which something else happens. */
export const DISTURBED: readonly Life[] = PLAYS_ALL
  ? [
      PLAIN,
      ["a generation of which nothing is received", [generate("[sim:create-drop] [sim:no-callback]")], 1],
      [
        "a generation that is canceled",
        [generate(""), { kind: "pass", seconds: 1 }, { kind: "cancel", artwork: 0 }],
        1,
      ],
    ]
  : [PLAIN];

export const DEATHS: readonly (readonly [string, Phase, Mode])[] = [
  ["before it, and the alarm runs again", "before", { kind: "stop", alarm: "again" }],
  ["after it, and the alarm runs again", "after", { kind: "stop", alarm: "again" }],
  ["before it, and only the sweep is left", "before", { kind: "stop", alarm: "lost" }],
  ["after it, and only the sweep is left", "after", { kind: "stop", alarm: "lost" }],
];

export const MEANWHILE: readonly (readonly [string, Action])[] = [
  ["a callback comes again", { kind: "resend", task: 0 }],
  ["it is canceled", { kind: "cancel", artwork: 0 }],
  ["its artwork is deleted", { kind: "delete", artwork: 0 }],
  ["its actor wakes a second time", { kind: "duplicate", artwork: 0 }],
];
