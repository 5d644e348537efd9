// What Prometheus scrapes of a worker: its process, its deliveries, its storage. How tasks stand is what every API tells.
import type { Config } from '../config/config.ts';
import type { TimesMemory } from '../core/metrics/times.ts';
import { storageTimesText } from '../storage/measured.ts';
import { storageEngine } from '../storage/open-storage.ts';
import type { DeliveryTimes } from './webhooks/delivery-times.ts';

export interface WorkerMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** prom-client is loaded for workers that are asked, and for no others. */
export async function openWorkerMetrics(
  config: Config,
  {
    storageTimes,
    deliveryTimes,
  }: { readonly storageTimes: TimesMemory; readonly deliveryTimes: DeliveryTimes },
): Promise<WorkerMetrics> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    text: async () =>
      [
        await registry.metrics(),
        deliveryTimes.text(),
        storageTimesText(storageTimes, storageEngine(config)),
      ].join('\n'),
  };
}
