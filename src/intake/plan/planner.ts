// Plans files while they come in, so that no worker has to read them once more for that. Here is the side that asks.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Config } from '../../config/config.ts';
import { evenChunkBytes } from '../../core/csv/chunks/even-chunks.ts';
import type { BeginningOfRecords } from '../../core/csv/chunks/scan-chunks.ts';
import type { FilePlan } from '../../core/csv/types.ts';
import type { Logger } from '../../logger.ts';
import { programFile } from '../../package-files.ts';
import { ThreadPool } from '../../thread-pool.ts';
import type { FromPlan, PlanOrder, ToPlan } from './messages.ts';

/** A plan that is being made. */
export interface PlanAhead {
  /** Takes the next bytes of the file's text, from its first on. @returns when there is room for more */
  push(text: Buffer): Promise<void>;
  /** @returns the plan; null when a worker has to make it */
  end(): Promise<FilePlan | null>;
  /** Gives it up, at any moment. */
  drop(): void;
}

export interface Planner {
  /**
   * @param file where the records of the text begin
   * @param expectedBytes of the whole text, roughly; undefined: not known
   * @returns undefined when as many are being made as may be
   */
  begin(file: BeginningOfRecords, expectedBytes: number | undefined): PlanAhead | undefined;
  close(): Promise<void>;
}

export type PlannerSettings = Pick<Config, 'plansAhead' | 'chunkBytes' | 'chunkCells' | 'maxRecordBytes'>;

/** What goes to the thread at once. */
const BLOCK_BYTES = 1024 * 1024;
/** Of one file, on their way. */
const MOST_BLOCKS = 4;
/** A file that comes faster than it can be planned is left to a worker, rather than held up for longer. */
const LONGEST_WAIT_MS = 1000;
/** The thread goes when it had nothing to do for so long. */
const IDLE_MS = 5 * 60_000;
const YOUNG_GENERATION_MB = 4;

/** No thread is started before the first large file comes. */
export function openPlanner(
  settings: PlannerSettings,
  logger: Pick<Logger, 'warn' | 'error'>,
  longestWaitMs = LONGEST_WAIT_MS,
): Planner {
  const { plansAhead, chunkBytes, chunkCells, maxRecordBytes } = settings;
  let pool: ThreadPool<PlanOrder, FilePlan | null> | undefined;
  let plans = 0;

  function open(): ThreadPool<PlanOrder, FilePlan | null> {
    return new ThreadPool(
      {
        filename: programFile('intake/plan/plan-thread'),
        maxThreads: 1,
        idleTimeout: IDLE_MS,
        concurrentTasksPerWorker: plansAhead,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      },
      'the thread that plans files',
      logger,
    );
  }

  async function run(order: PlanOrder): Promise<FilePlan | null> {
    plans += 1;
    try {
      return await (pool ??= open()).run(order, { transferList: [order.port] });
    } catch (error) {
      logger.warn({ err: error }, 'a file could not be planned while it came in; a worker plans it');
      return null;
    } finally {
      plans -= 1;
    }
  }

  return {
    begin(file, expectedBytes = 0) {
      if (plans >= plansAhead) return undefined;
      const even = evenChunkBytes(Math.max(0, expectedBytes - file.dataStart), chunkBytes);
      const { port1, port2 } = new MessageChannel();
      const plan = run({ port: port2, file, limits: { chunkBytes: even, chunkCells, maxRecordBytes } });
      return new Sending(port1, plan, file.dataStart, longestWaitMs);
    },
    close: async () => pool?.destroy(),
  };
}

class Sending implements PlanAhead {
  readonly #port: MessagePort;
  readonly #plan: Promise<FilePlan | null>;
  readonly #longestWaitMs: number;
  readonly #free: FromPlan[] = [];
  #blocks = 0;
  /** Bytes of the text that are still before the records. */
  #skip: number;
  /** What is being filled, and how far. */
  #block: ArrayBuffer | undefined;
  #length = 0;
  #isDropped = false;

  constructor(port: MessagePort, plan: Promise<FilePlan | null>, skip: number, longestWaitMs: number) {
    this.#port = port;
    this.#plan = plan;
    this.#skip = skip;
    this.#longestWaitMs = longestWaitMs;
    port.on('message', (block: FromPlan) => this.#free.push(block));
    void plan.then(() => port.close());
  }

  async push(text: Buffer): Promise<void> {
    const skipped = Math.min(this.#skip, text.length);
    this.#skip -= skipped;
    let bytes = text.subarray(skipped);
    while (bytes.length > 0 && !this.#isDropped) {
      this.#block ??= await this.#nextBlock();
      if (this.#block === undefined) return this.drop();
      const part = bytes.subarray(0, BLOCK_BYTES - this.#length);
      new Uint8Array(this.#block).set(part, this.#length);
      this.#length += part.length;
      bytes = bytes.subarray(part.length);
      if (this.#length === BLOCK_BYTES) this.#send();
    }
  }

  async end(): Promise<FilePlan | null> {
    if (this.#isDropped) return null;
    this.#send();
    this.#say('end');
    const late = new AbortController();
    const tooLate = sleep(this.#longestWaitMs, null, { signal: late.signal }).catch(() => null);
    const plan = await Promise.race([this.#plan, tooLate]);
    late.abort();
    this.drop();
    return plan;
  }

  drop(): void {
    this.#isDropped = true;
    this.#port.close();
  }

  async #nextBlock(): Promise<ArrayBuffer | undefined> {
    if (this.#blocks < MOST_BLOCKS && this.#free.length === 0) {
      this.#blocks += 1;
      return new ArrayBuffer(BLOCK_BYTES);
    }
    if (this.#free.length === 0)
      await once(this.#port, 'message', { signal: AbortSignal.timeout(this.#longestWaitMs) }).catch(
        () => undefined,
      );
    return this.#free.pop();
  }

  #send(): void {
    if (this.#block !== undefined && this.#length > 0)
      this.#say({ block: this.#block, length: this.#length }, [this.#block]);
    this.#block = undefined;
    this.#length = 0;
  }

  #say(message: ToPlan, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
