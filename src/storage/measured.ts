// How long operations of the storage take, and how they end: the same storage, measured. Threads count in one memory.
import { histogramText } from '../core/metrics/histogram-text.ts';
import { addTime, readTimes, TIMES_BOUNDS_S, timesMemory, type TimesMemory } from '../core/metrics/times.ts';
import { AppError } from '../errors.ts';
import type { Storage } from './storage.ts';

const OPERATIONS = [
  'write',
  'copy',
  'read',
  'readBytes',
  'remove',
  'removeFolder',
  'listFolders',
  'removeUnfinished',
  'link',
  'check',
] as const satisfies readonly (keyof Storage)[];
type Operation = (typeof OPERATIONS)[number];

const OUTCOMES = [
  'ok',
  /** There is no such file. */
  'gone',
  /** No room. */
  'full',
  /** It does not answer, or refuses us. */
  'away',
  /** By us, or by who sends the file. */
  'cut',
  'failed',
] as const;
type Outcome = (typeof OUTCOMES)[number];

type Timed = Exclude<Operation, 'write' | 'read' | 'listFolders'>;

export type StorageEngine = 'disk' | 's3';

export function storageTimesMemory(): TimesMemory {
  return timesMemory(OPERATIONS.length * OUTCOMES.length);
}

function seriesOf(operation: Operation, outcome: Outcome): number {
  return OPERATIONS.indexOf(operation) * OUTCOMES.length + OUTCOMES.indexOf(outcome);
}

/** In Prometheus' text format. */
export function storageTimesText(memory: TimesMemory, engine: StorageEngine): string {
  const series = OPERATIONS.flatMap((operation) =>
    OUTCOMES.flatMap((outcome) => {
      const times = readTimes(memory, seriesOf(operation, outcome));
      return times === undefined ? [] : [{ labels: { engine, operation, outcome }, ...times }];
    }),
  );
  return histogramText(
    {
      name: 'sluice_storage_operation_duration_seconds',
      help: 'How long operations of the storage took; a write and a read last as long as who sends or takes the bytes.',
      boundsS: TIMES_BOUNDS_S,
    },
    series,
  );
}

export function measured(storage: Storage, memory: TimesMemory): Storage {
  function begin(operation: Operation): (error?: unknown) => void {
    const began = performance.now();
    return (error) => addTime(memory, seriesOf(operation, outcomeOf(error)), performance.now() - began);
  }
  /** One that is done when its promise is. */
  function timed<K extends Timed>(operation: K, work: Storage[K]): Storage[K] {
    const measure = async (...args: never[]): Promise<unknown> => {
      const end = begin(operation);
      try {
        const result = await (work as (...given: never[]) => Promise<unknown>)(...args);
        end();
        return result;
      } catch (error) {
        end(error);
        throw error;
      }
    };
    return measure as Storage[K];
  }
  return {
    async write(key, source, signal) {
      const end = begin('write');
      try {
        const bytes = await storage.write(key, source, signal);
        end();
        return bytes;
      } catch (error) {
        // Its own error, or what it was destroyed with: the sender is gone.
        end(source.errored === error || signal?.aborted === true ? CUT : error);
        throw error;
      }
    },
    copy: timed('copy', (from, to) => storage.copy(from, to)),
    read(key, range) {
      const end = begin('read');
      const stream = storage.read(key, range);
      return stream.once('close', () => end(stream.errored ?? undefined));
    },
    readBytes: timed('readBytes', (key, range, room) => storage.readBytes(key, range, room)),
    remove: timed('remove', (key) => storage.remove(key)),
    removeFolder: timed('removeFolder', (prefix) => storage.removeFolder(prefix)),
    async *listFolders(prefix) {
      const end = begin('listFolders');
      try {
        yield* storage.listFolders(prefix);
      } catch (error) {
        end(error);
        throw error;
      }
      end();
    },
    removeUnfinished: timed('removeUnfinished', (before) => storage.removeUnfinished(before)),
    link: timed('link', (key, as) => storage.link(key, as)),
    check: timed('check', () => storage.check()),
  };
}

const CUT = Symbol('cut');

function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return 'ok';
  if (error === CUT || (error instanceof Error && error.name === 'AbortError')) return 'cut';
  if (!(error instanceof AppError)) return 'failed';
  switch (error.code) {
    case 'FILE_GONE':
      return 'gone';
    case 'STORAGE_FULL':
      return 'full';
    case 'STORAGE_UNAVAILABLE':
      return 'away';
    default:
      return 'failed';
  }
}
