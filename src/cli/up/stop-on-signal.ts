const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C under npm comes twice: from the terminal, and from npm that passes it on. */
const SAME_REQUEST_MS = 500;

export interface StopRequest {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Fulfilled by the first signal. */
  readonly requested: Promise<void>;
  dispose(): void;
}

/** The first signal asks everything to stop; a second one calls `kill` and ends this process at once. */
export function stopOnSignal(kill: () => void, say: (line: string) => void): StopRequest {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      say('Stopping. Ctrl-C once more to stop at once.');
      controller.abort();
    } else if (Date.now() - firstAt > SAME_REQUEST_MS) {
      kill();
      process.exit(130);
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    requested: new Promise((resolve) => {
      controller.signal.addEventListener('abort', () => {
        resolve();
      });
    }),
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
