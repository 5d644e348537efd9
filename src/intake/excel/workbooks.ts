// Workbooks are read in threads of their own. Here is the side that asks.
import { on } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { TableLayout } from '../../core/excel/sheet-writer.ts';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import { storageSettings } from '../../storage/open-storage.ts';
import type { StorageKey } from '../../storage/storage.ts';
import type { Answer, Question, SheetFacts, SheetInfo, WorkbookLimits, WorkbookOrder } from './messages.ts';
import type { Logger } from '../../logger.ts';
import { programFile } from '../../package-files.ts';
import { ThreadPool } from '../../thread-pool.ts';

/** A workbook that is being read. */
export interface OpenedWorkbook {
  readonly sheets: readonly SheetInfo[];
  /** The first row of each of these sheets, as it is shown; null for one without rows. */
  heads(sheets: readonly number[], layout: TableLayout): Promise<readonly (readonly string[] | null)[]>;
  /**
   * The text of a sheet; the last thing to be asked. `onStart` is called before the first piece.
   * @returns what is known at its end
   */
  text(
    sheet: number,
    layout: TableLayout,
    onStart: (firstColumn: number) => void,
  ): AsyncGenerator<Buffer, SheetFacts>;
  /** Ends the reading, at any moment. */
  close(): Promise<void>;
}

export interface Workbooks {
  /** @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR; so do the questions */
  open(key: StorageKey, bytes: number): Promise<OpenedWorkbook>;
  close(): Promise<void>;
}

/** A thread goes when it had nothing to do for so long. */
const IDLE_MS = 60_000;
const YOUNG_GENERATION_MB = 4;
/** Strings are outside of it; what is left is small. */
const HEAP_MB = 48;

/** No thread is started before the first workbook comes. */
export function openWorkbooks(
  config: WorkbookLimits & Pick<Config, 'workbookThreads'>,
  logger: Pick<Logger, 'error'>,
): Workbooks {
  const { maxInflateRatio, workbookStringBytes, maxMergedRanges } = config;
  const limits = { ...storageSettings(config), maxInflateRatio, workbookStringBytes, maxMergedRanges };
  const pool = new ThreadPool<WorkbookOrder, void>(
    {
      filename: programFile('intake/excel/workbook-thread'),
      maxThreads: config.workbookThreads,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: 1,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, maxOldGenerationSizeMb: HEAP_MB },
    },
    'a thread that reads workbooks',
    logger,
  );
  return {
    open: (key, bytes) => open(pool, { key, bytes, limits }),
    close: () => pool.destroy(),
  };
}

async function open(
  pool: ThreadPool<WorkbookOrder, void>,
  order: Omit<WorkbookOrder, 'port'>,
): Promise<OpenedWorkbook> {
  const { port1: port, port2 } = new MessageChannel();
  const stop = new AbortController();
  const answers = on(port, 'message', { close: ['close'], signal: stop.signal }) as AsyncIterableIterator<
    [Answer]
  >;
  let failure: unknown;
  const work = pool
    .run({ ...order, port: port2 }, { transferList: [port2], signal: stop.signal })
    .catch((error: unknown) => {
      failure = error;
      port.close();
    });
  const ask = (question: Question): void => port.postMessage(question);
  const next = async (): Promise<Answer> => {
    const answer = await answers.next();
    if (answer.done !== true) return heard(answer.value[0]);
    await work;
    throw threadEnded(failure);
  };
  const close = async (): Promise<void> => {
    port.close();
    await work;
  };
  try {
    const first = await next();
    return {
      sheets: first.say === 'sheets' ? first.sheets : [],
      async heads(sheets, layout) {
        ask({ ask: 'heads', sheets, layout });
        const answer = await next();
        return answer.say === 'heads' ? answer.heads : [];
      },
      async *text(sheet, layout, onStart) {
        ask({ ask: 'text', sheet, layout });
        for (let isFirst = true; ; isFirst = false) {
          const answer = await next();
          if (answer.say === 'end') return answer.facts;
          if (answer.say !== 'text') continue;
          if (isFirst) onStart(answer.firstColumn);
          yield Buffer.from(answer.bytes.buffer as ArrayBuffer, answer.bytes.byteOffset, answer.bytes.length);
          ask({ ask: 'more' });
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An error loses what it is on its way between threads. */
function heard(answer: Answer): Answer {
  if (answer.say !== 'failed') return answer;
  throw answer.code === undefined
    ? new Error(`The workbook could not be read: ${answer.message}`)
    : new AppError(answer.code, answer.message, answer.params);
}

function threadEnded(failure: unknown): unknown {
  if ((failure as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new AppError(
      'FILE_WORKBOOK',
      `The workbook needs more than ${HEAP_MB} MB of memory to be read. Save its sheet as CSV (in Excel: "CSV UTF-8") and send that; nothing was kept.`,
      {},
      { cause: failure },
    );
  return failure ?? new Error('The thread that read the workbook has ended');
}
