/** Every type of event that is recorded, with what it says; `npm run docs` writes the list in `src/docs/api.md`. */
import type { Status } from "../status.ts";

type Name = `artwork.${Status}` | "artwork.deleted" | `generation.${string}`;

export const EVENT_TYPES = {
  "artwork.queued":
    "A generation waits to start: a new one, or one that has to start again, perhaps with another model.",
  "artwork.submitting": "The intent to make the paid call.",
  "artwork.processing": "The provider has the job.",
  "artwork.storing": "The results are known, and on their way into the bucket.",
  "artwork.completed": "The results are in the bucket.",
  "artwork.failed": "The generation has failed.",
  "artwork.canceled": "The generation has been canceled.",
  "artwork.deleted": "The artwork is deleted. Only `/api/events` sends this.",
  "generation.prompt_optimization": "The prompt has been rewritten, or why it has not.",
  "generation.outcome_unknown":
    "The create call was not answered: whether the provider has the job is not known yet.",
  "generation.accepted_late": "The provider's job became known after the generation had moved on.",
  "generation.news_after_cancel": "A canceled job has ended at the provider, with what it cost.",
  "generation.expired": "The results have been removed, as `IMAGE_EXPIRATION` wants it.",
} as const satisfies Partial<Record<Name, string>> & Record<`artwork.${Status}`, string>;

export type EventType = keyof typeof EVENT_TYPES;
