/** A signal that something has changed. */

/** `quiet`: nothing within the time. `lost`: the connection is gone; listen again. */
export type ChangeOutcome = "changed" | "quiet" | "lost";

export interface ChangeSignal {
  /** The first outcome within `milliseconds`; a change between two calls is returned by the second. */
  readonly next: (milliseconds: number) => Promise<ChangeOutcome>;
  /** Stops listening; a `next` under way returns `lost`. */
  readonly close: () => void;
}

/** How a signal waits: calls back once after `milliseconds`, unless it is called off. */
export type Timer = (milliseconds: number, run: () => void) => () => void;

export interface ChangeEmitter {
  readonly signal: ChangeSignal;
  readonly emit: () => void;
  /** Says that nobody will ring any more. */
  readonly silence: () => void;
}

/** A signal and its emitter. One change that has not been read yet is kept. */
export function createChangeEmitter(timer: Timer, onClose: () => void = () => undefined): ChangeEmitter {
  let hasRung = false;
  let isSilent = false;
  let settle: (outcome: ChangeOutcome) => void = () => undefined;
  const silence = () => {
    isSilent = true;
    settle("lost");
  };
  return {
    signal: {
      next: async (milliseconds) => {
        if (!hasRung && !isSilent) {
          const { promise, resolve } = Promise.withResolvers<ChangeOutcome>();
          settle = resolve;
          const callOff = timer(milliseconds, () => resolve("quiet"));
          const outcome = await promise;
          callOff();
          settle = () => undefined;
          if (outcome === "quiet") return outcome;
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
    emit: () => {
      hasRung = true;
      settle("changed");
    },
    silence,
  };
}

/** The platform's own timer. */
export const platformTimer: Timer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

/** A signal without a source, for an object that cannot be reached. It is `lost` after a pause. */
export function closedSignal(timer: Timer, milliseconds: number): ChangeSignal {
  const emitter = createChangeEmitter(timer);
  timer(milliseconds, emitter.silence);
  return emitter.signal;
}

/** A signal whose word is any message that comes over the socket, which the caller has accepted. */
export function socketSignal(socket: WebSocket): ChangeSignal {
  const emitter = createChangeEmitter(platformTimer, () => socket.close(1_000));
  socket.addEventListener("message", emitter.emit);
  socket.addEventListener("close", emitter.silence);
  socket.addEventListener("error", emitter.silence);
  return emitter.signal;
}
