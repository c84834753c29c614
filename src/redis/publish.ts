/** A notice on its way into Redis: to who listens now, and to who reads later. */
import { noticeOf } from "../domain/artworks/notice.ts";
import type { Change } from "../domain/ports/changes.ts";
import type { Deps } from "../domain/deps.ts";
import { describeError } from "../lib/log.ts";
import { DAY, SECOND } from "../lib/time.ts";
import { converse } from "./connection.ts";
import type { RedisProblem } from "./connection.ts";

/** Notices that an owner's stream keeps, about: those of a busy day. */
const NOTICES_KEPT = 1_000;
/** After the last one, so that owners who have left leave nothing behind. */
const SECONDS_KEPT = (7 * DAY) / SECOND;

const channelOf = (owner: string): string => `darkroom:artworks:${owner}`;
const streamOf = (owner: string): string => `${channelOf(owner)}:stream`;

/**
 * Publishes how a generation ended. Never throws. A notice that Redis does not take is logged and lost; webhooks are for
 * receivers that need every notice.
 */
export async function publishEnd(url: string, deps: Deps, change: Change): Promise<void> {
  const lost = (problem: RedisProblem | "internal", error: unknown) =>
    deps.log.warn("redis.not_published", {
      artworkId: change.artworkId,
      problem,
      ...describeError(error),
    });
  try {
    const notice = await noticeOf(deps, change);
    if (notice === null) return;
    const said = await publish(url, change.owner, JSON.stringify(notice));
    if (!said.ok) lost(said.problem, said.error);
    else if (said.answer !== null) lost("refused", said.answer);
  } catch (error) {
    lost("internal", error);
  }
}

/** Appends to the owner's stream and publishes on the owner's channel, in one transaction. Answers what was refused, or null. */
const publish = (url: string, owner: string, notice: string) =>
  converse(url, async (redis) => {
    const answers = await redis
      .multi()
      .xadd(streamOf(owner), "MAXLEN", "~", NOTICES_KEPT, "*", "notice", notice)
      .expire(streamOf(owner), SECONDS_KEPT)
      .publish(channelOf(owner), notice)
      .exec();
    return answers?.map(([error]) => error).find((error) => error !== null) ?? null;
  });
