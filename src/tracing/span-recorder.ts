// The tracer of a slot. Its thread is ended without warning, and sleeps without turning its loop, so it could export nothing itself: it
// writes spans down, and they go to the main thread with the answer.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, BegunSpan, RecordedSpan, SpanStart, Tracer } from './tracing.ts';

export interface SpanRecorder extends Tracer {
  /** Those that have ended, in the order in which they were begun. */
  spans(): RecordedSpan[];
}

type Draft = { -readonly [K in keyof RecordedSpan]: RecordedSpan[K] };

/** Milliseconds since 1970, finer than the clock of `Date`. */
const now = (): number => performance.timeOrigin + performance.now();

/** @param under the `traceparent` of the work that was given to the slot */
export function createSpanRecorder(under: string | undefined): SpanRecorder {
  const drafts: Draft[] = [];
  const open = new AsyncLocalStorage<number>();

  function begin({ name, kind = 'internal', attributes = {}, parent }: SpanStart): BegunSpan {
    const place = drafts.length;
    const draft: Draft = {
      name,
      kind,
      parent: parent ?? open.getStore(),
      startMs: now(),
      endMs: NaN,
      attributes,
      failed: undefined,
    };
    drafts.push(draft);
    return {
      traceparent: undefined,
      set: (more: Attributes) => {
        draft.attributes = { ...draft.attributes, ...more };
      },
      fail: (type) => {
        draft.failed = type;
      },
      enter: (work) => open.run(place, work),
      end: () => {
        if (Number.isNaN(draft.endMs)) draft.endMs = now();
      },
    };
  }

  return {
    begin,
    current: () => under,
    ids: () => undefined,
    adopt: () => undefined,
    // One that is still open was left by work that nobody waited for.
    spans: () =>
      drafts.map((draft) => (Number.isNaN(draft.endMs) ? { ...draft, endMs: draft.startMs } : draft)),
  };
}
