// The thread that cuts files into chunks while they come in. What piscina calls, for several files at the same time.
import { on } from 'node:events';
import { startScan } from '../../core/csv/chunks/scan-chunks.ts';
import type { FilePlan } from '../../core/csv/types.ts';
import type { FromPlan, PlanOrder, ToPlan } from './messages.ts';

/** @returns the plan; null when the port was closed before the end of the file */
export default async function planFile({ port, file, limits }: PlanOrder): Promise<FilePlan | null> {
  try {
    const scan = startScan(file, limits);
    const messages = on(port, 'message', { close: ['close'] }) as AsyncIterableIterator<[ToPlan]>;
    for await (const [message] of messages) {
      if (message === 'end') return scan.end();
      const block: FromPlan = message.block;
      scan.push(Buffer.from(block, 0, message.length));
      port.postMessage(block, [block]);
    }
    return null;
  } finally {
    port.close();
  }
}
