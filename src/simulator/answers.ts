/** What KIE answers with: HTTP 200 and the true status in `code`. */
export interface Envelope {
  readonly code: number;
  readonly msg: string;
  readonly data?: unknown;
}

/** @param codeAsString send `code` as a numeric string, as some endpoints do */
export function answer(envelope: Envelope, codeAsString = false): Response {
  return Response.json(spell(envelope, codeAsString));
}

/** The envelope as it goes over the wire, in an answer or a callback. */
export function spell(envelope: Envelope, codeAsString: boolean): Record<string, unknown> {
  return codeAsString ? { ...envelope, code: String(envelope.code) } : { ...envelope };
}

/** The page a proxy in front of KIE shows when KIE itself gives nothing. */
export function htmlPage(status: number, title: string): Response {
  const page = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return new Response(page, { status, headers: { "Content-Type": "text/html" } });
}

export const NO_ACCESS: Envelope = { code: 401, msg: "You do not have access permissions" };

/** The account whose key a call carries, or null when it is none of ours. */
export function bearerKey(request: Request, apiKeys: readonly string[]): string | null {
  const [, key] = /^Bearer (\S+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
  return key !== undefined && apiKeys.includes(key) ? key : null;
}
