import type { UploadHost, UploadStore } from "../domain/ports/upload-host.ts";
import type { Config } from "../env.ts";
import { isPrivateOrigin } from "../lib/addresses.ts";
import type { Fetch } from "../lib/fetch.ts";
import { createR2UploadHost } from "../media/r2-upload-host.ts";
import { createUploadStore, readInput } from "../media/upload-store.ts";
import { createImgbbHost } from "../providers/imgbb.ts";
import { createKieFileHost } from "../providers/kie/file-host.ts";

function uploadHost(config: Config, bucket: R2Bucket, fetch: Fetch): UploadHost {
  const read = readInput(bucket);
  switch (config.UPLOAD_HOST) {
    case "r2": {
      const providerIsPrivate = isPrivateOrigin(config.KIE_API_BASE_URL);
      return createR2UploadHost({ bucket, mediaBase: config.MEDIA_BASE_URL, providerIsPrivate });
    }
    case "kie": {
      const client = { baseUrl: config.KIE_UPLOAD_BASE_URL, fetch };
      return createKieFileHost({ client, keys: config.KIE_API_KEY, read });
    }
    case "imgbb":
      return createImgbbHost({ baseUrl: config.IMGBB_API_BASE_URL, fetch, key: config.IMGBB_API_KEY, read });
  }
}

/** Uploads, with the host that `UPLOAD_HOST` names. */
export const uploadStoreFor = (config: Config, bucket: R2Bucket, fetch: Fetch): UploadStore =>
  createUploadStore(bucket, uploadHost(config, bucket, fetch));
