import type { Family } from "./family.ts";
import { fluxKontext } from "./flux-kontext.ts";

/** Every family the simulator speaks. A new one is a file of its own and a line here. */
export const FAMILIES: readonly Family[] = [fluxKontext];
