import ipaddr from "ipaddr.js";

/**
 * Names that never belong to a public host: RFC 6761, RFC 6762 with its list of what private networks use, RFC 8375,
 * what machines and clusters call themselves, and cloud metadata services.
 */
const PRIVATE_SUFFIXES = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "svc",
  "lan",
  "home.arpa",
  "corp",
  "home",
  "test",
  "invalid",
  "onion",
];

/** Public wildcard services whose names resolve to the address written in them. */
const ADDRESS_IN_NAME = /(^|\.)(nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me)$/;

/** Where the hosts of the Internet are. An IPv6 address outside may embed a private IPv4 address. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

const isPublicAddress = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST));

/**
 * Whether a URL's hostname names a public host, as far as is known without DNS. Expects what
 * `new URL()` made of it: the parser has already turned odd spellings (`0x7f.1`, `2130706433`) into dotted form.
 */
export function isPublicHostname(hostname: string): boolean {
  const bare = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (ipaddr.isValid(bare)) return isPublicAddress(ipaddr.parse(bare));
  const labels = bare.split(".");
  // Some resolvers forgive an empty label, so `localhost..` may still lead home.
  if (labels.length === 1 || labels.includes("") || ADDRESS_IN_NAME.test(bare)) return false;
  return !PRIVATE_SUFFIXES.some((suffix) => bare.endsWith(`.${suffix}`));
}

/** Whether a hostname is this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or ::1. */
export function isLoopbackHostname(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() === "loopback";
  return bare === "localhost" || bare.endsWith(".localhost");
}

/**
 * What is wrong with a URL that came from outside, as a sentence that follows the field's name, or null.
 * Outside development only https to a public host, without credentials, will do.
 */
export function urlProblem(text: string, allowPrivate: boolean): string | null {
  const url = URL.parse(text);
  if (url === null) return "must be an absolute URL";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must be an http(s) URL";
  if (url.username !== "" || url.password !== "") return "must not carry a user name or password";
  if (allowPrivate) return null;
  if (url.protocol !== "https:") return "must be an https URL";
  return isPublicHostname(url.hostname) ? null : "must point to a public host";
}

/** Whether an origin is one that only a program on the same network can reach. */
export function isPrivateOrigin(origin: string): boolean {
  const { hostname } = new URL(origin);
  return isLoopbackHostname(hostname) || !isPublicHostname(hostname);
}

/** The longest URL taken, in characters: browsers and proxies carry no longer one. */
export const MAX_URL_LENGTH = 2_048;
