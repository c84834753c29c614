/** The final state of a play: reads every row and every object, then removes them. */
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
import { play } from "./play.ts";
import type { Played } from "./play-record.ts";
import type { Witness } from "./play.ts";
import type { Schedule } from "./schedule.ts";

interface StoredObject {
  readonly key: string;
  readonly sha256: string;
}

/** Reads all of D1 and R2. The proof uses both alone, one play after the other. */
async function readFinalState() {
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

export type FinalState = Awaited<ReturnType<typeof readFinalState>>;

async function removeFinalState(final: FinalState): Promise<void> {
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
  if (final.objects.length > 0) await env.MEDIA.delete(final.objects.map(({ key }) => key));
}

/** Plays a schedule and reads its final state. Clears D1 and R2 for the next play, even after an exception. */
export async function playAndClear(
  schedule: Schedule,
  witness: Witness,
): Promise<{ played: Played; final: FinalState }> {
  let final: FinalState | null = null;
  try {
    const played = await play(schedule, witness);
    final = await readFinalState();
    return { played, final };
  } finally {
    await removeFinalState(final ?? (await readFinalState()));
  }
}
