import { histogramText } from '../../core/metrics/histogram-text.ts';
import { addTime, readTimes, TIMES_BOUNDS_S, timesMemory } from '../../core/metrics/times.ts';
import type { Sent } from './send-delivery.ts';

const OUTCOMES = ['received', 'missed', 'gone'] as const satisfies readonly Sent['outcome'][];

/** How long attempts to send webhooks have taken in this worker, and what came of them. */
export interface DeliveryTimes {
  add(sent: Pick<Sent, 'outcome' | 'durationMs'>): void;
  /** In Prometheus' text format. */
  text(): string;
}

export function createDeliveryTimes(): DeliveryTimes {
  const memory = timesMemory(OUTCOMES.length);
  return {
    add: ({ outcome, durationMs }) => addTime(memory, OUTCOMES.indexOf(outcome), durationMs),
    text: () =>
      histogramText(
        {
          name: 'sluice_webhook_attempt_duration_seconds',
          help: 'How long attempts to send a webhook took, and what came of them: received is an answer of 2xx, gone is 410.',
          boundsS: TIMES_BOUNDS_S,
        },
        OUTCOMES.flatMap((outcome, at) => {
          const times = readTimes(memory, at);
          return times === undefined ? [] : [{ labels: { outcome }, ...times }];
        }),
      ),
  };
}
