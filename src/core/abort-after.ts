/** A signal that aborts in time, and what forgets the time when nobody waits for it any more. */
export interface AbortAfter {
  readonly signal: AbortSignal;
  readonly clear: () => void;
}

/**
 * Aborts after so many milliseconds, or with `signal` when that is first. In place of `AbortSignal.any` with `AbortSignal.timeout`: what those
 * make together never aborts when garbage is collected before the time is over (nodejs/node#57736).
 * @param reason of the abort after that time
 */
export function abortAfter(ms: number, signal: AbortSignal, reason: () => Error): AbortAfter {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(reason()), ms);
  const clear = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  };
  controller.signal.addEventListener('abort', clear, { once: true });
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return { signal: controller.signal, clear };
}
