import * as z from "zod/mini";
import type { UploadedFile, UploadHost, PublishResult } from "../domain/ports/upload-host.ts";
import type { Fetch } from "../lib/fetch.ts";
import { withDeadline } from "../lib/deadline.ts";
import { describeError } from "../lib/log.ts";
import type { Log } from "../lib/log.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../lib/time.ts";

/** We have it removed after a day, and stop trusting the link while a job made with it may still fetch it. */
const EXPIRATION = DAY;
const LINK_TTL = EXPIRATION - 4 * HOUR;
/** Statuses that refuse the image itself; a retry does not help. imgbb's 400 may also mean its rate limit. */
const FILE_STATUSES = new Set([413, 415]);

const Uploaded = z.object({
  data: z.object({ url: z.string().check(z.regex(/^https?:\/\//)) }),
});

export interface Imgbb {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly key: string | null;
  readonly read: (key: string) => Promise<ArrayBuffer | null>;
}

/** imgbb.com as the host from which providers fetch images. */
export const createImgbbHost = (imgbb: Imgbb): UploadHost => ({
  problem: () => (imgbb.key === null ? "Uploads go to imgbb, which needs a key: set IMGBB_API_KEY." : null),
  publish: async (file, log) => {
    const bytes = await imgbb.read(file.key);
    if (bytes === null) return { ok: false, problem: "gone", reason: "it is not in the bucket" };
    if (imgbb.key === null) return { ok: false, problem: "refused", reason: "IMGBB_API_KEY is not set" };
    return await send(imgbb, { file, bytes, key: imgbb.key }, log);
  },
});

/** One upload (`POST /1/upload`, https://api.imgbb.com). The key stands in the URL, which is never logged. */
async function send(
  { baseUrl, fetch }: Imgbb,
  { file, bytes, key }: { file: UploadedFile; bytes: ArrayBuffer; key: string },
  log: Log,
): Promise<PublishResult> {
  const body = new FormData();
  body.set("image", new File([bytes], file.key.split("/").at(-1) ?? file.id, { type: file.contentType }));
  body.set("expiration", String(EXPIRATION / SECOND));
  try {
    const url = `${baseUrl}/1/upload?key=${encodeURIComponent(key)}`;
    const { status, answer } = await withDeadline(MINUTE, async (signal) => {
      const response = await fetch(url, { method: "POST", body, redirect: "manual", signal });
      return { status: response.status, answer: await response.json() };
    });
    const uploaded = Uploaded.safeParse(answer);
    if (status === 200 && uploaded.success) {
      return { ok: true, url: uploaded.data.data.url, milliseconds: LINK_TTL };
    }
    const problem = FILE_STATUSES.has(status) ? "refused" : "transient";
    return { ok: false, problem, reason: `imgbb answered ${status}` };
  } catch (error) {
    log.warn("imgbb.silent", describeError(error));
    return { ok: false, problem: "transient", reason: "imgbb gave no readable answer" };
  }
}
