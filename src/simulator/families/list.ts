import type { Family } from "./family.ts";
import { fluxKontext } from "./flux-kontext.ts";
import { gpt4oImage } from "./gpt4o-image.ts";
import { jobs } from "./jobs.ts";
import { veo } from "./veo.ts";

/** Every family the simulator speaks. A new one is a file of its own and a line here. */
export const FAMILIES: readonly Family[] = [fluxKontext, gpt4oImage, jobs, veo];
