/** What is left at the end of a play: every row and every object, read and then removed. */
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import {
  artworks,
  callbacks,
  events,
  generations,
  idempotencyKeys,
  outputs,
  uploads,
} from "../../src/db/schema.ts";
import { play } from "./player.ts";
import type { Played } from "./notes.ts";
import type { Witness } from "./player.ts";
import type { Schedule } from "./schedule.ts";

interface StoredObject {
  readonly key: string;
  readonly sha256: string;
}

/** Everything that D1 and R2 hold. The proof has them for itself, one play after the other. */
async function readRest() {
  const db = drizzle(env.DB);
  const [artworkRows, generationRows, eventRows, outputRows, callbackRows, uploadRows] = await db.batch([
    db.select().from(artworks),
    db.select().from(generations),
    db.select().from(events).orderBy(events.artworkId, events.sequence),
    db.select().from(outputs),
    db.select().from(callbacks),
    db.select().from(uploads),
  ]);
  const { objects: listed } = await env.MEDIA.list();
  const objects: StoredObject[] = await Promise.all(
    listed.map(async ({ key }) => {
      const bytes = await (await env.MEDIA.get(key))?.arrayBuffer();
      const digest = await crypto.subtle.digest("SHA-256", bytes ?? new ArrayBuffer());
      return { key, sha256: new Uint8Array(digest).toHex() };
    }),
  );
  return {
    artworks: artworkRows,
    generations: generationRows,
    events: eventRows,
    outputs: outputRows,
    callbacks: callbackRows,
    uploads: uploadRows,
    objects,
  };
}

export type Rest = Awaited<ReturnType<typeof readRest>>;

async function removeRest(rest: Rest): Promise<void> {
  const db = drizzle(env.DB);
  await db.batch([
    db.delete(artworks),
    db.delete(generations),
    db.delete(events),
    db.delete(outputs),
    db.delete(callbacks),
    db.delete(uploads),
    db.delete(idempotencyKeys),
  ]);
  if (rest.objects.length > 0) await env.MEDIA.delete(rest.objects.map(({ key }) => key));
}

/** Plays a schedule and reads what is left of it. Nothing of it is there for the next one, even if it throws. */
export async function playAndClear(
  schedule: Schedule,
  witness: Witness,
): Promise<{ played: Played; rest: Rest }> {
  let rest: Rest | null = null;
  try {
    const played = await play(schedule, witness);
    rest = await readRest();
    return { played, rest };
  } finally {
    await removeRest(rest ?? (await readRest()));
  }
}
