import { expect, it } from "vitest";
import api from "../../src/docs/api.md?raw";
import openai from "../../src/docs/openai.md?raw";
import { createApp } from "../../src/app.ts";
import { sampleArtwork } from "../../src/domain/webhooks/sample.ts";

const pages = [api, openai].join("\n").replace(/\s+/g, " ");

/** `/api/uploads/:id{upl_[0-9a-z]+}` in the pages' notation: `/api/uploads/:id`, or `/api/uploads/<key>`. */
const documented = (path: string): string =>
  path.replaceAll("/", "\\/").replaceAll(/:\w+(?:\{[^}]*\})?/g, "(?::\\w+|<[\\w ]+>)");

/** A route stands in code after its method, perhaps after other methods: `` `GET`, `POST /path` ``. */
const isDocumented = ({ method, path }: { method: string; path: string }): boolean =>
  new RegExp(`\`${method}(?:\`, \`[A-Z]+)* ${documented(path)}[\`?]`).test(pages);

it("names every route of the app in the pages of the API", () => {
  const { routes } = createApp(() => {
    throw new Error("No request is made.");
  });
  const own = routes.filter(({ method }) => method !== "ALL");
  const missing = own.filter((route) => !isDocumented(route)).map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(missing)]).toStrictEqual([]);
});

it("shows every field of an artwork, of its generation and of an output", () => {
  const artwork = sampleArtwork(0);
  const names = [artwork, artwork.generation, ...artwork.outputs].flatMap((object) => Object.keys(object));
  const missing = names.filter((name) => !new RegExp(`["{ ]${name}["},]`).test(api));
  expect(missing).toStrictEqual([]);
});
