import * as z from "zod/mini";
import type { UploadedFile, UploadHost, PublishResult } from "../../domain/ports/upload-host.ts";
import type { Log } from "../../lib/log.ts";
import { HOUR } from "../../lib/time.ts";
import { callKie } from "./client.ts";
import type { KieAnswer, KieClient } from "./client.ts";

/** KIE keeps uploaded files for 24 h; their links are trusted for less. */
const LINK_TTL = 20 * HOUR;
const FOLDER = "darkroom";
/** Codes that concern one key and not the next. */
const KEY_CODES = new Set([401, 402, 403, 429, 433]);
/** The file itself is refused: another try would be as well. */
const FILE_CODES = new Set([400, 413, 415, 422]);

const Uploaded = z.object({ downloadUrl: z.string().check(z.regex(/^https?:\/\//)) });

export interface KieFileHost {
  /** The upload API, on a host of its own. */
  readonly client: KieClient;
  readonly keys: readonly string[];
  readonly read: (key: string) => Promise<ArrayBuffer | null>;
}

/** KIE's own file storage: free of charge, with the same keys. */
export const createKieFileHost = (host: KieFileHost): UploadHost => ({
  problem: () =>
    host.keys.length > 0 ? null : "Uploads go to the provider, which needs a key: set KIE_API_KEY.",
  publish: async (file, log) => {
    const bytes = await host.read(file.key);
    if (bytes === null) return { ok: false, problem: "gone", reason: "it is not in the bucket" };
    return read(await send(host, file, { bytes, keys: host.keys, log }));
  },
});

/** The keys are tried in turn: an empty account must not keep a full one from working. */
async function send(
  { client }: KieFileHost,
  file: UploadedFile,
  { bytes, keys, log }: { bytes: ArrayBuffer; keys: readonly string[]; log: Log },
): Promise<KieAnswer> {
  let answer: KieAnswer = { kind: "silent", reason: "no key" };
  const name = file.key.split("/").at(-1) ?? file.id;
  for (const key of keys) {
    const body = new FormData();
    body.set("file", new File([bytes], name, { type: file.contentType }));
    body.set("uploadPath", FOLDER);
    body.set("fileName", name);
    // oxlint-disable-next-line no-await-in-loop -- the next key is for what the one before it refused
    answer = await callKie(client, { method: "POST", path: "/api/file-stream-upload", key, body }, log);
    if (answer.kind !== "answered" || !KEY_CODES.has(answer.code)) return answer;
  }
  return answer;
}

function read(answer: KieAnswer): PublishResult {
  if (answer.kind !== "answered") return { ok: false, problem: "transient", reason: answer.kind };
  const uploaded = Uploaded.safeParse(answer.data);
  if (answer.code === 200 && uploaded.success) {
    return { ok: true, url: uploaded.data.downloadUrl, milliseconds: LINK_TTL };
  }
  const problem = FILE_CODES.has(answer.code) ? "refused" : "transient";
  return { ok: false, problem, reason: `code ${answer.code}` };
}
