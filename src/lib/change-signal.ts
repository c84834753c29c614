/** Word that something has changed, from one who knows to one who waits. */

/** `quiet`: nothing within the time. `lost`: nobody will tell any more; listen anew. */
export type Heard = "changed" | "quiet" | "lost";

export interface Signal {
  /** What comes first within `milliseconds`; word that came between two calls is heard by the second. */
  readonly next: (milliseconds: number) => Promise<Heard>;
  /** Stops listening; a `next` under way hears `lost`. */
  readonly close: () => void;
}

/** How a signal waits: calls back once after `milliseconds`, unless it is called off. */
export type Timer = (milliseconds: number, run: () => void) => () => void;

export interface Bell {
  readonly signal: Signal;
  readonly ring: () => void;
  /** Says that nobody will ring any more. */
  readonly silence: () => void;
}

/** A signal and what makes it sound. Word that nobody has heard yet is kept, once. */
export function createBell(timer: Timer, onClose: () => void = () => undefined): Bell {
  let hasRung = false;
  let isSilent = false;
  let tell: (heard: Heard) => void = () => undefined;
  const silence = () => {
    isSilent = true;
    tell("lost");
  };
  return {
    signal: {
      next: async (milliseconds) => {
        if (!hasRung && !isSilent) {
          const { promise, resolve } = Promise.withResolvers<Heard>();
          tell = resolve;
          const callOff = timer(milliseconds, () => resolve("quiet"));
          const heard = await promise;
          callOff();
          tell = () => undefined;
          if (heard === "quiet") return heard;
        }
        if (!hasRung) return "lost";
        hasRung = false;
        return "changed";
      },
      close: () => {
        silence();
        onClose();
      },
    },
    ring: () => {
      hasRung = true;
      tell("changed");
    },
    silence,
  };
}

/** The platform's own timer. */
export const platformTimer: Timer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

/** A signal that never tells anything: what is left where nobody can be listened to. It is lost after a pause. */
export function silentSignal(timer: Timer, milliseconds: number): Signal {
  const bell = createBell(timer);
  timer(milliseconds, bell.silence);
  return bell.signal;
}

/** A signal whose word is any message that comes over the socket, which the caller has accepted. */
export function socketSignal(socket: WebSocket): Signal {
  const bell = createBell(platformTimer, () => socket.close(1_000));
  socket.addEventListener("message", bell.ring);
  socket.addEventListener("close", bell.silence);
  socket.addEventListener("error", bell.silence);
  return bell.signal;
}
