/** Crockford's base 32, lower case: no letter that reads like a digit. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARACTERS = 10;
/** 26 × 5 = 130 random bits, so that an id cannot be guessed even by who knows its neighbours. */
const RANDOM_CHARACTERS = 26;

export type IdPrefix = "art" | "gen" | "out" | "evt" | "cbk" | "upl" | "whe" | "whd";

function encode(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text;
  }
  return text;
}

/** `length` characters of five random bits each. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 31)).join("");
}

/**
 * Makes ids such as `art_01k…`: milliseconds, a counter within the millisecond, 130 random bits.
 * They sort by the time they were made, so "newest first" is an order by id and a cursor is an id.
 */
export function createIdSource(now: () => number): (prefix: IdPrefix) => string {
  let lastAt = 0;
  let counter = 0;
  return (prefix) => {
    const at = Math.max(now(), lastAt);
    counter = at === lastAt ? Math.min(counter + 1, 1023) : 0;
    lastAt = at;
    const time = encode(at, TIME_CHARACTERS) + encode(counter, 2);
    return `${prefix}_${time}${randomText(RANDOM_CHARACTERS)}`;
  };
}

/** The dated part of an id: prefix, milliseconds and counter. Ids with equal dated parts sort next to each other. */
export const datedPart = (id: string): string => id.slice(0, id.indexOf("_") + 1 + TIME_CHARACTERS + 2);

/** How an id begins that was made at this time or later, whatever its prefix stands for. */
export const idsSince = (prefix: IdPrefix, at: number): string => `${prefix}_${encode(at, TIME_CHARACTERS)}`;
