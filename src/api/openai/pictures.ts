/** Pictures that OpenAI's clients send along: links stay links, files and `data:` URLs become uploads. */
import { isRefusal, refuseFields } from "../../domain/refusal.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { deleteUpload, receiveUpload } from "../../domain/uploads/uploads.ts";
import { originOf } from "../../http/context.ts";
import type { AppContext } from "../../http/context.ts";
import { bytesOfDataUrl, isDataUrl } from "../../lib/data-url.ts";
import { accept } from "./accept.ts";
import type { AcceptedAll, Asked } from "./accept.ts";

/** A picture as it came, and the field that it came in. */
export interface SentImage {
  readonly param: string;
  readonly source: string | Blob;
}

/** The bytes of a sent picture; a text when it is a link. */
function readSource({ param, source }: SentImage): Blob | string | Refusal {
  if (typeof source !== "string" || !isDataUrl(source)) return source;
  const bytes = bytesOfDataUrl(source);
  return bytes === null
    ? refuseFields([{ path: param, message: "must be a data: URL in base64", code: "invalid_picture" }])
    : new Blob([bytes]);
}

/** What a request names a picture by: its link, or the id of the upload that was made of it. */
interface Named {
  readonly name: string;
  readonly isUpload: boolean;
}

async function receiveImage(c: AppContext, picture: SentImage): Promise<Named | Refusal> {
  const { deps, caller } = c.var;
  const source = readSource(picture);
  if (typeof source === "string") return { name: source, isUpload: false };
  if (!(source instanceof Blob)) return source;
  const received = await receiveUpload(deps, caller, { stream: source.stream(), origin: originOf(c) });
  return isRefusal(received) ? inField(received, picture.param) : { name: received.id, isUpload: true };
}

/** Takes pictures in, one after the other. A refusal leaves nothing behind. */
async function receiveImages(
  c: AppContext,
  pictures: readonly SentImage[],
): Promise<readonly Named[] | Refusal> {
  const received: Named[] = [];
  for (const picture of pictures) {
    // oxlint-disable-next-line no-await-in-loop -- one picture at a time is enough to hold in memory
    const one = await receiveImage(c, picture);
    if (isRefusal(one)) {
      // oxlint-disable-next-line no-await-in-loop
      await discard(c, received);
      return one;
    }
    received.push(one);
  }
  return received;
}

/** Records what is asked for with these pictures. Uploads that were made for it and that no generation uses are gone again. */
export async function acceptWith(
  c: AppContext,
  pictures: readonly SentImage[],
  ask: (names: readonly string[]) => Asked,
): Promise<AcceptedAll | Refusal> {
  const received = await receiveImages(c, pictures);
  if (isRefusal(received)) return received;
  const accepted = await accept(c, ask(received.map(({ name }) => name)));
  const isUsed = !isRefusal(accepted) && accepted.some(({ isRepeated }) => !isRepeated);
  if (!isUsed) await discard(c, received);
  return accepted;
}

/** A refused file, by the name of the field that it came in. */
const inField = (refusal: Refusal, param: string): Refusal => {
  const { message = "cannot be taken", code = refusal.refused } = refusal.issues?.[0] ?? {};
  return {
    ...refusal,
    message: refusal.message.replace(/^file /, `${param} `),
    issues: [{ path: param, message, code }],
  };
};

async function discard(c: AppContext, received: readonly Named[]): Promise<void> {
  const { deps, caller } = c.var;
  const uploads = received.filter(({ isUpload }) => isUpload);
  await Promise.all(uploads.map(({ name }) => deleteUpload(deps, caller, name)));
}
