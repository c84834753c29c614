import { isPrivateOrigin } from "../lib/addresses.ts";
import type { UploadHost } from "../domain/ports/upload-host.ts";

interface OwnHost {
  readonly bucket: R2Bucket;
  /** Base of media URLs; null means below the origin of the upload. */
  readonly mediaBase: string | null;
  /** Whether the provider is on a private network itself and so may reach this one. */
  readonly providerIsPrivate: boolean;
}

/** Our own media URLs, served from the bucket: the key is as unguessable as the upload's id. */
export function createR2UploadHost({ bucket, mediaBase, providerIsPrivate }: OwnHost): UploadHost {
  const baseOf = (origin: string) => mediaBase ?? `${origin}/media`;
  const problem = (origin: string) =>
    providerIsPrivate || !isPrivateOrigin(baseOf(origin))
      ? null
      : "The provider cannot fetch images from a private address. Set MEDIA_BASE_URL to a public one, or UPLOAD_HOST to kie or imgbb.";
  return {
    problem,
    publish: async (file) => {
      const reason = problem(file.origin);
      if (reason !== null) return { ok: false, problem: "refused", reason };
      const object = await bucket.head(file.key);
      if (object === null) return { ok: false, problem: "gone", reason: "it is not in the bucket" };
      return { ok: true, url: `${baseOf(file.origin)}/${file.key}`, milliseconds: null };
    },
  };
}
