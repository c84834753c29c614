/** Darkroom's client, for browsers and Node. */
import { darkroomOver } from "./calls.ts";
import type { Darkroom } from "./darkroom.ts";
import { createHttp } from "./http.ts";
import { standardPlatform } from "./platform.ts";

export type * from "./artwork.ts";
export type * from "./darkroom.ts";
export type * from "./event.ts";
export { DarkroomError } from "./error.ts";
export type { ErrorDetails, FieldError } from "./error.ts";

export interface DarkroomOptions {
  /** Origin of the service, such as `https://darkroom.example`; without it that of the page. */
  readonly baseUrl?: string;
  /** The service's key, sent as `Authorization: Bearer …`. Not for pages: who sees the page sees it. */
  readonly apiKey?: string;
  readonly fetch?: typeof fetch;
}

/** A client of the service at `baseUrl`. Its functions need no `this`. */
export const createDarkroom = ({ baseUrl = "", apiKey, fetch }: DarkroomOptions = {}): Darkroom =>
  darkroomOver(createHttp(baseUrl.replace(/\/+$/, ""), apiKey, standardPlatform(fetch)));
