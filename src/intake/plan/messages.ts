// What is said between who takes a file in and the thread that plans it.
import type { MessagePort } from 'node:worker_threads';
import type { BeginningOfRecords, ScanLimits } from '../../core/csv/chunks/scan-chunks.ts';

export interface PlanOrder {
  readonly port: MessagePort;
  readonly file: BeginningOfRecords;
  readonly limits: ScanLimits;
}

/** To the thread: the next bytes of the records, in a block that it gives back, or that there are no more. */
export type ToPlan = { readonly block: ArrayBuffer; readonly length: number } | 'end';

/** From the thread: a block that is free again. */
export type FromPlan = ArrayBuffer;
