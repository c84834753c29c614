/** Images that callers upload: received, named by requests, removed when unused. */
import type { FieldIssue } from "../../lib/issues.ts";
import { describeError } from "../../lib/log.ts";
import type { CommonRequest } from "../../models/common-fields.ts";
import type { ImageRule, WireInput } from "../../models/model.ts";
import type { Deps } from "../deps.ts";
import type { ReceiveResult } from "../ports/upload-host.ts";
import { refuseFields } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import type { Caller } from "../caller.ts";
import {
  findUpload,
  insertUpload,
  rememberLink,
  removeUpload,
  removeUploads,
  unusedUploads,
  uploadsOf,
  useUploads,
} from "./upload-rows.ts";
import type { UploadRow } from "../rows.ts";

/** R2 removes up to 1,000 keys a call; what is left is due next minute. */
const UPLOADS_PER_SWEEP = 200;

export const uploadNotFound: Refusal = { refused: "not_found", message: "Upload not found." };

/** Whether an entry of `images` names an upload; everything else there is a URL. */
export const isUploadId = (image: string): boolean => image.startsWith("upl_");

const refuseFile = (message: string, code: string): Refusal =>
  refuseFields([{ path: "file", message, code }]);

function refusalOf(problem: Extract<ReceiveResult, { ok: false }>["problem"]): Refusal {
  switch (problem) {
    case "empty":
      return refuseFile("is empty", "too_small");
    case "broken":
      return refuseFile("broke off before its end", "incomplete");
    case "size":
      return { refused: "body_too_large", message: "The image is larger than 10 MB." };
    case "kind":
      return {
        refused: "unsupported_media_type",
        message: "Unsupported image format. Use JPEG, PNG, WebP or BMP.",
      };
  }
}

/**
 * Receives an image: bytes, then row. A process that ends between them leaves an object that no row names and no client
 * can guess. It has no link at the upload host yet: whoever submits a job sees to one.
 */
export async function receiveUpload(
  deps: Deps,
  caller: Caller,
  { stream, origin }: { stream: ReadableStream<Uint8Array>; origin: string },
): Promise<UploadRow | Refusal> {
  const unreachable = deps.uploadStore.problem(origin);
  if (unreachable !== null) {
    deps.log.error("uploads.unreachable", { message: unreachable });
    return { refused: "upload_host_unreachable", message: unreachable };
  }
  const id = deps.newId("upl");
  const received = await deps.uploadStore.receive(stream, `uploads/${id}`);
  if (!received.ok) return refusalOf(received.problem);
  const now = deps.now();
  const made = { id, owner: caller.owner, origin, createdAt: now, lastUsedAt: now };
  const row = { ...made, ...received.file, hostedUrl: null, hostedUntil: null };
  await recordUpload(deps, row);
  deps.log.info("upload", { uploadId: id, bytes: row.bytes, contentType: row.contentType });
  return row;
}

/** Writes the row of an upload whose bytes are in the bucket. Where that fails they go, and it throws. */
async function recordUpload(deps: Deps, row: UploadRow): Promise<void> {
  try {
    await insertUpload(deps, row);
  } catch (error) {
    if ((await findOrRemove(deps, row)) !== "found") throw error;
  }
}

/**
 * A write whose answer was lost may have been committed, so this reads its row: with a row the upload is complete, without
 * one the bytes are removed. When the read fails the bytes stay, because a row may need them. A row that is committed only
 * after the read has no bytes; no client knows its id, and it expires.
 */
async function findOrRemove(
  deps: Deps,
  { id, key }: UploadRow,
): Promise<"found" | "removed" | "left_behind"> {
  try {
    if ((await uploadsOf(deps, [id])).length > 0) return "found";
    await deps.uploadStore.remove([key]);
    return "removed";
  } catch (error) {
    deps.log.error("upload.left_behind", { uploadId: id, key, ...describeError(error) });
    return "left_behind";
  }
}

/** An upload with its link at the upload host where there is one, or as it is when none can be had now. */
export async function withLink(deps: Deps, row: UploadRow): Promise<UploadRow> {
  const linked = await linkOf(deps, row);
  return linked.ok ? linked.row : row;
}

type Linked =
  | { readonly ok: true; readonly url: string; readonly row: UploadRow }
  | { readonly ok: false; readonly problem: "gone" | "refused" | "transient"; readonly reason: string };

/** The link from which the provider can fetch an upload now: the recorded one while it is trusted, else a new one. */
export async function linkOf(deps: Deps, row: UploadRow): Promise<Linked> {
  const url = trustedLink(row, deps.now());
  if (url !== null) return { ok: true, url, row };
  const startedAt = deps.now();
  const published = await deps.uploadStore.publish(row, deps.log);
  if (!published.ok) {
    const { problem, reason } = published;
    deps.log.warn("upload.unlinked", { uploadId: row.id, problem, reason });
    return published;
  }
  if (published.milliseconds === null) return { ok: true, url: published.url, row };
  const link = { hostedUrl: published.url, hostedUntil: startedAt + published.milliseconds };
  await rememberLink(deps, row.id, link);
  return { ok: true, url: published.url, row: { ...row, ...link } };
}

/** The hosted link of an upload while we trust it, or null. */
export const trustedLink = (row: Pick<UploadRow, "hostedUrl" | "hostedUntil">, now: number): string | null =>
  row.hostedUntil !== null && now < row.hostedUntil ? row.hostedUrl : null;

/** An image of a request: its path there, and a URL or the id of an upload. */
export interface NamedImage {
  readonly path: string;
  readonly image: string;
}

/** The images of a request. Pure. */
export const imagesOf = ({ images = [], mask }: Pick<CommonRequest, "images" | "mask">): NamedImage[] => [
  ...images.map((image, index) => ({ path: `images.${index}`, image })),
  ...(mask === undefined ? [] : [{ path: "mask", image: mask }]),
];

/** Uploads that a request names, by id. */
export type NamedUploads = ReadonlyMap<string, UploadRow>;

/** Uses the uploads that a request names: those that this owner has, by id. Costs nothing where none is named. */
export async function useNamedUploads(
  deps: Deps,
  owner: string,
  images: readonly NamedImage[],
): Promise<NamedUploads> {
  const ids = images.map(({ image }) => image).filter(isUploadId);
  const rows = ids.length === 0 ? [] : await useUploads(deps, owner, ids);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The images that name no upload of the caller, each by its path. Pure. */
export const unknownUploads = (images: readonly NamedImage[], uploads: NamedUploads): FieldIssue[] =>
  images
    .filter(({ image }) => isUploadId(image) && !uploads.has(image))
    .map(({ path }) => ({
      path,
      message: "names no upload of yours, or one that has expired",
      code: "unknown_upload",
    }));

const MEBIBYTE = 1024 * 1024;

/** The uploads among a request's images that a model of these limits does not take, each by its path. Pure. */
export function unfitUploads(
  images: readonly NamedImage[],
  uploads: NamedUploads,
  rule: ImageRule | null,
): FieldIssue[] {
  if (rule === null) return [];
  return images.flatMap(({ path, image }) => {
    const upload = uploads.get(image);
    if (upload === undefined) return [];
    if (!rule.types.includes(upload.contentType)) {
      const message = `is ${upload.contentType}; must be one of ${rule.types.join(", ")}`;
      return [{ path, message, code: "invalid_type" }];
    }
    const isTooBig = upload.bytes > rule.megabytes * MEBIBYTE;
    return isTooBig ? [{ path, message: `must be at most ${rule.megabytes} MB`, code: "too_big" }] : [];
  });
}

/** A model's input with each upload's id replaced. Images stand there as one value or a list. */
export function replaceUploads(input: WireInput, by: ReadonlyMap<unknown, string>): WireInput {
  const replaced = (value: unknown) => by.get(value) ?? value;
  const entries = Object.entries(input).map(([field, value]): [string, unknown] => [
    field,
    Array.isArray(value) ? value.map(replaced) : replaced(value),
  ]);
  return Object.fromEntries<unknown>(entries);
}

/** Removes an upload of this owner, bytes first: whoever is cut short can do it again. */
export async function deleteUpload(deps: Deps, caller: Caller, id: string): Promise<Refusal | null> {
  const row = await findUpload(deps, caller.owner, id);
  if (row === null) return uploadNotFound;
  await deps.uploadStore.remove([row.key]);
  await removeUpload(deps, caller.owner, id);
  deps.log.info("upload.deleted", { uploadId: id });
  return null;
}

/**
 * Removes uploads that were unused for days, bytes first. An expired one cannot be used again, so nothing
 * can come between. Answers how many.
 */
export async function removeUnusedUploads(deps: Deps): Promise<number> {
  const unused = await unusedUploads(deps, UPLOADS_PER_SWEEP);
  if (unused.length === 0) return 0;
  await deps.uploadStore.remove(unused.map((row) => row.key));
  await removeUploads(
    deps,
    unused.map((row) => row.id),
  );
  deps.log.info("uploads.removed", { count: unused.length });
  return unused.length;
}
