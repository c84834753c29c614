/** `data:<type>;base64,<bytes>`, the form in which a JSON body carries a file. */
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[\w-]+)*;base64,/i;

export const isDataUrl = (text: string): boolean => /^data:/i.test(text);

/** The bytes of a base64 data URL, or null when it is none. */
export function bytesOfDataUrl(text: string): Uint8Array<ArrayBuffer> | null {
  const head = DATA_URL.exec(text)?.[0];
  if (head === undefined) return null;
  try {
    return Uint8Array.fromBase64(text.slice(head.length));
  } catch {
    return null;
  }
}
