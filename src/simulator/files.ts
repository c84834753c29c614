import type { StoredFile } from "./stored-file.ts";
import { NO_ACCESS, answer, bearerKey, htmlPage } from "./answers.ts";
import { isLoopback } from "./loopback.ts";
import { sha256Hex } from "./images/bytes.ts";
import type { World } from "./world.ts";

/** Paths of the file storage and of the image host beside it. */
export const FILE_PATHS = {
  stream: "/api/file-stream-upload",
  base64: "/api/file-base64-upload",
  url: "/api/file-url-upload",
  /** Where uploaded files are served from, without a key. */
  download: "/files/:id/:name",
  /** imgbb's only call. */
  imgbb: "/1/upload",
} as const;

/** KIE keeps a file for 24 h. */
const KEPT_MS = 24 * 3_600_000;
/** imgbb takes 60 s to 180 days; without `expiration` it keeps an image for ever. */
const EXPIRATION_SECONDS = { least: 60, most: 15_552_000 };
const MOST_IMGBB_BYTES = 32 * 1024 * 1024;

interface Incoming {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly uploadPath: string;
  readonly name: string;
}

/** Answers an upload in one of KIE's three ways. */
export async function uploadFile(
  world: World,
  via: "stream" | "base64" | "url",
  request: Request,
): Promise<Response> {
  if (bearerKey(request, world.options.apiKeys) === null) return answer(NO_ACCESS);
  const incoming = await READERS[via](world, request).catch(() => null);
  if (incoming === null) return answer({ code: 400, msg: "The file could not be read." });
  if (incoming.uploadPath === "") return answer({ code: 400, msg: "uploadPath is required" });
  if (incoming.bytes.length === 0) return answer({ code: 400, msg: "file is required" });
  const file = await keep(world, via, { ...incoming, until: world.options.now() + KEPT_MS });
  return Response.json({
    success: true,
    code: 200,
    msg: "File uploaded successfully",
    data: {
      fileName: file.name,
      filePath: `${incoming.uploadPath}/${file.name}`,
      downloadUrl: linkTo(world, file),
      fileSize: file.bytes.length,
      mimeType: file.type,
      uploadedAt: new Date(world.options.now()).toISOString(),
    },
  });
}

/** Answers an upload to imgbb, whose errors are HTTP errors. */
export async function uploadToImgbb(world: World, request: Request): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const form = await request.formData().catch(() => new FormData());
  const image = form.get("image");
  const refuse = (message: string) =>
    Response.json(
      { status_code: 400, error: { message, code: 100 }, status_txt: "Bad Request" },
      { status: 400 },
    );
  if ((parameters.get("key") ?? "") === "") return refuse("Invalid API v1 key.");
  if (!(image instanceof File) || image.size === 0 || image.size > MOST_IMGBB_BYTES)
    return refuse("Empty upload source.");
  const seconds = Number(form.get("expiration") ?? parameters.get("expiration") ?? Infinity);
  if (seconds < EXPIRATION_SECONDS.least || (seconds !== Infinity && seconds > EXPIRATION_SECONDS.most))
    return refuse("Invalid expiration.");
  const bytes = new Uint8Array(await image.arrayBuffer());
  const until = world.options.now() + seconds * 1000;
  const file = await keep(world, "imgbb", { bytes, type: image.type, name: image.name, until });
  const url = linkTo(world, file);
  return Response.json({ data: { id: file.id, url, size: bytes.length }, success: true, status: 200 });
}

/** Serves an uploaded file for as long as it is kept. */
export function serveFile(world: World, wanted: { id: string; name: string }): Response {
  const file = world.files.find(({ id, name }) => id === wanted.id && name === wanted.name);
  if (file === undefined || world.options.now() >= file.until) return htmlPage(404, "Not Found");
  return new Response(file.bytes, { headers: { "Content-Type": file.type } });
}

const linkTo = (world: World, file: StoredFile): string =>
  `${world.options.origin}/files/${file.id}/${encodeURIComponent(file.name)}`;

async function keep(
  world: World,
  via: StoredFile["via"],
  file: Omit<StoredFile, "id" | "via" | "sha256">,
): Promise<StoredFile> {
  const id = crypto.randomUUID().replaceAll("-", "");
  const { bytes, type, until } = file;
  const name = file.name === "" ? id : file.name;
  const kept = { id, via, name, type, bytes, until, sha256: await sha256Hex(bytes) };
  world.files.push(kept);
  return kept;
}

type Reader = (world: World, request: Request) => Promise<Incoming>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const READERS: Readonly<Record<"stream" | "base64" | "url", Reader>> = {
  stream: async (_world, request) => {
    const form = await request.formData();
    const file = form.get("file");
    if (!(file instanceof File)) throw new Error("no file");
    const name = text(form.get("fileName"));
    return {
      bytes: new Uint8Array(await file.arrayBuffer()),
      type: file.type,
      uploadPath: text(form.get("uploadPath")),
      name: name === "" ? file.name : name,
    };
  },
  base64: async (_world, request) => {
    const body = (await request.json()) as Record<string, unknown>;
    const [, type = "image/png", data] =
      /^(?:data:([\w/+.-]+);base64,)?([\w+/=]+)$/.exec(text(body["base64Data"])) ?? [];
    const bytes = Uint8Array.from(atob(data ?? ""), (character) => character.codePointAt(0) ?? 0);
    return { bytes, type, uploadPath: text(body["uploadPath"]), name: text(body["fileName"]) };
  },
  url: async (world, request) => {
    const body = (await request.json()) as Record<string, unknown>;
    const url = text(body["fileUrl"]);
    if (world.options.fetchInput === undefined || !isLoopback(url))
      throw new Error("nothing is fetched there");
    const response = await world.options.fetchInput(new Request(url));
    const name = text(body["fileName"]);
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      type: response.headers.get("Content-Type") ?? "",
      uploadPath: text(body["uploadPath"]),
      name: name === "" ? (new URL(url).pathname.split("/").at(-1) ?? "") : name,
    };
  },
};
