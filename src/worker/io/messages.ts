// What the main thread and the thread of I/O tasks say to each other.
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { Config } from '../../config/config.ts';
import type { TimesMemory } from '../../core/metrics/times.ts';

export type IoSettings = Config & { readonly workerId: string; readonly storageTimes?: TimesMemory };

export type ToIo =
  /** A bell: the queue has work, probably this task. Answered by `heard` when there is no more to wait for. */
  | { readonly kind: 'bell'; readonly queue: string; readonly id: string }
  /** So many may run at the same time from now on; 0 begins nothing more. */
  | { readonly kind: 'places'; readonly places: number }
  /** Begin nothing more; end what runs, within so many milliseconds, or give it back. Answered by `stopped`. */
  | { readonly kind: 'stop'; readonly graceMs: number };

export type FromIo =
  /** With what it knows of all tasks, those of slots too: nobody else loads their code to know it. */
  | { readonly kind: 'ready'; readonly documents: readonly TaskDocument[] }
  /** Of a bell: its task has ended here, or is not run here. */
  | { readonly kind: 'heard'; readonly id: string; readonly ran: boolean }
  /** Somebody has recorded tasks of a queue. */
  | { readonly kind: 'told'; readonly queue: string }
  /** Queues with due tasks. */
  | { readonly kind: 'found'; readonly queues: readonly string[] }
  /** Tasks that run now. */
  | {
      readonly kind: 'running';
      readonly ids: readonly string[];
      readonly processed: number;
      readonly failed: number;
      readonly quietMs: number;
      /** 99 of 100 turns of its event loop came no later than this, since the last time. */
      readonly loopDelayMs: number;
    }
  | { readonly kind: 'stopped' };
