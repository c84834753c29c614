/** Whether a URL leads to this very machine: localhost, *.localhost, 127.0.0.0/8 or [::1], over HTTP or HTTPS. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return false;
  // The parser has already turned every spelling of an IPv4 address (0x7f.1, 2130706433) into four decimals.
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
