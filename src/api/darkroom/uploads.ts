import { Hono } from "hono";
import { presentUpload } from "../../domain/artworks/present.ts";
import { isRefusal } from "../../domain/refusal.ts";
import { findUpload } from "../../domain/uploads/upload-rows.ts";
import { deleteUpload, receiveUpload, uploadNotFound, withLink } from "../../domain/uploads/uploads.ts";
import { linksOf, originOf } from "../../http/context.ts";
import type { AppEnv } from "../../http/context.ts";
import { UPLOAD } from "../../http/paths.ts";
import { refuse } from "../../http/dialect.ts";
import { uploadStream } from "../../http/upload-body.ts";

export const uploads = new Hono<AppEnv>();

uploads.post("/", async (c) => {
  const { deps, caller } = c.var;
  const origin = originOf(c);
  const stream = await uploadStream(c);
  if (stream instanceof Response) return stream;
  const made = await receiveUpload(deps, caller, { stream, origin });
  if (isRefusal(made)) return refuse(c, made);
  const body = presentUpload(await withLink(deps, made), linksOf(c), deps.now());
  return c.json(body, 201, { Location: `${origin}/api/uploads/${made.id}` });
});

uploads.get(UPLOAD, async (c) => {
  const { deps, caller } = c.var;
  const found = await findUpload(deps, caller.owner, c.req.param("id"));
  return found === null ? refuse(c, uploadNotFound) : c.json(presentUpload(found, linksOf(c), deps.now()));
});

uploads.delete(UPLOAD, async (c) => {
  const refusal = await deleteUpload(c.var.deps, c.var.caller, c.req.param("id"));
  return refusal === null ? c.body(null, 204) : refuse(c, refusal);
});
