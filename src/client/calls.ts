import type { Artwork, CanceledArtwork } from "./artwork.ts";
import type {
  ArtworkPage,
  CallOptions,
  Darkroom,
  GenerateOptions,
  ListOptions,
  RegenerateRequest,
  Upload,
} from "./darkroom.ts";
import { emptyAnswer } from "./failure.ts";
import { TIME_LIMIT } from "./http.ts";
import type { Call, Http } from "./http.ts";
import { watch } from "./watch.ts";

const ARTWORKS = "/api/artworks";
const pathOf = (id: string): string => `${ARTWORKS}/${encodeURIComponent(id)}`;

/** The client's functions over calls of the API. */
export function darkroomOver(http: Http): Darkroom {
  /** The body that every such answer has. */
  async function read<Body>(path: string, call: Call): Promise<Body> {
    const { body } = await http.ask<Body>(path, call);
    if (body === undefined) throw emptyAnswer();
    return body;
  }

  /** A call that spends: every try of it carries the same key, so that it is paid once. */
  function spend(path: string, request: RegenerateRequest, options: GenerateOptions): Promise<Artwork> {
    const { signal, wait, idempotencyKey = http.platform.newKey() } = options;
    const prefer: Record<string, string> = wait === undefined ? {} : { Prefer: `wait=${wait}` };
    const headers = { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey, ...prefer };
    const timeLimit = TIME_LIMIT + (wait ?? 0) * 1_000;
    return read(path, { method: "POST", headers, body: JSON.stringify(request), signal, timeLimit });
  }

  return {
    generate: (request, options = {}) => spend(`${ARTWORKS}/generate`, request, options),
    regenerate: (id, request = {}, options = {}) => spend(`${pathOf(id)}/regenerate`, request, options),
    get: (id, { signal }: CallOptions = {}) => read<Artwork>(pathOf(id), { signal }),
    list: ({ signal, ...filter }: ListOptions = {}) => {
      const given = Object.entries(filter).map(([name, value]) => [name, String(value)]);
      return read<ArtworkPage>(`${ARTWORKS}?${new URLSearchParams(given).toString()}`, { signal });
    },
    cancel: (id, { signal }: CallOptions = {}) =>
      read<CanceledArtwork>(`${pathOf(id)}/cancel`, { method: "POST", signal }),
    // Not repeated: after a first try whose answer was lost, a second one would find nothing.
    delete: async (id, { signal }: CallOptions = {}) =>
      void (await http.ask(pathOf(id), { method: "DELETE", signal, tries: 1 })),
    // Neither: it would leave two.
    upload: (image, { signal }: CallOptions = {}) =>
      read<Upload>("/api/uploads", { method: "POST", body: image, signal, tries: 1 }),
    watch: (id, options) => watch(http, id, options),
  };
}
