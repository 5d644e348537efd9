// The span of an attempt at a task.
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import { processingSpan } from '../../tracing/messaging.ts';
import { currentTracer, traced } from '../../tracing/tracing.ts';
import type { Outcome } from './attempt-endings.ts';

/** @param attempt never rejects */
export function tracedAttempt(claimed: ClaimedTask, attempt: () => Promise<Outcome>): Promise<Outcome> {
  if (currentTracer() === undefined) return attempt();
  const start = processingSpan(claimed, claimed.options?.traceparent ?? null, {
    'sluice.task.attempt': claimed.attempt,
  });
  return traced(start, async (span) => {
    const outcome = await attempt();
    span.set({ 'sluice.task.outcome': outcomeOf(outcome) });
    if (outcome.kind === 'ended' && outcome.ended.error !== null) span.fail(outcome.ended.error.code);
    return outcome;
  });
}

function outcomeOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
    case 'written':
      return 'succeeded';
    case 'ended':
      return outcome.ended.outcome;
    case 'over':
      return 'over';
  }
}
