/** Images inside a request: links stay links, files and `data:` URLs become uploads. */
import { isRefusal, refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { deleteUpload, receiveUpload } from "../../domain/uploads/uploads.ts";
import type { RequestScope } from "../../http/scope.ts";
import { bytesOfDataUrl, isDataUrl } from "../../lib/data-url.ts";
import { acceptAll } from "./accept-all.ts";
import type { AcceptedAll, GenerationsRequest } from "./accept-all.ts";

/** An image as sent, and the field that holds it. */
export interface SentImage {
  readonly param: string;
  readonly source: string | Blob;
}

/** The bytes of an image, or its link. */
function readSource({ param, source }: SentImage): Blob | string | Refusal {
  if (typeof source !== "string" || !isDataUrl(source)) return source;
  const bytes = bytesOfDataUrl(source);
  return bytes === null
    ? refuseFields([{ path: param, message: "must be a data: URL in base64", code: "invalid_picture" }])
    : new Blob([bytes]);
}

/** How a generation request names an image: by link, or by the id of its upload. */
interface NamedImage {
  readonly name: string;
  readonly isUpload: boolean;
}

async function receiveImage(scope: RequestScope, image: SentImage): Promise<NamedImage | Refusal> {
  const { deps, caller, links } = scope;
  const source = readSource(image);
  if (typeof source === "string") return { name: source, isUpload: false };
  if (!(source instanceof Blob)) return source;
  const upload = { stream: source.stream(), origin: links.origin };
  const received = await receiveUpload(deps, caller, upload);
  return isRefusal(received) ? inField(received, image.param) : { name: received.id, isUpload: true };
}

/** Uploads images one after the other. A refusal deletes the uploads before it. */
async function receiveImages(
  scope: RequestScope,
  images: readonly SentImage[],
): Promise<readonly NamedImage[] | Refusal> {
  const received: NamedImage[] = [];
  for (const image of images) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one image at a time
    const one = await receiveImage(scope, image);
    if (isRefusal(one)) {
      // oxlint-disable-next-line no-await-in-loop
      await discard(scope, received);
      return one;
    }
    received.push(one);
  }
  return received;
}

/** Records the generations of a request with images. Deletes the new uploads that no generation uses. */
export async function acceptWithImages(
  scope: RequestScope,
  images: readonly SentImage[],
  requestFor: (names: readonly string[]) => GenerationsRequest,
): Promise<AcceptedAll | Refusal> {
  const received = await receiveImages(scope, images);
  if (isRefusal(received)) return received;
  const accepted = await acceptAll(scope, requestFor(received.map(({ name }) => name)));
  const isUsed = !isRefusal(accepted) && accepted.some(({ isRepeated }) => !isRepeated);
  if (!isUsed) await discard(scope, received);
  return accepted;
}

/** The refusal of a file under the name of its field. */
const inField = (refusal: Refusal, param: string): Refusal => {
  const { message = "is not accepted", code = refusal.refused } = refusal.issues?.[0] ?? {};
  return {
    ...refusal,
    message: refusal.message.replace(/^file /, `${param} `),
    issues: [{ path: param, message, code }],
  };
};

async function discard({ deps, caller }: RequestScope, received: readonly NamedImage[]): Promise<void> {
  const uploads = received.filter(({ isUpload }) => isUpload);
  await Promise.all(uploads.map(({ name }) => deleteUpload(deps, caller, name)));
}
