// Threads of piscina, as all parts of Sluice have them. Three things piscina does not do by itself: it starts no other thread in the place of one that is
// ended while work waits for it; a thread that fails without work, for instance while it starts, ends the process, as nobody hears of it; and so may one
// that is ended while it starts (thread-start.cts).
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { Logger } from './logger.ts';
import { packageFile } from './package-files.ts';

/** `filename`: a module whose default export takes the orders. */
type Options = NonNullable<ConstructorParameters<typeof Piscina>[0]> & { readonly filename: string };
type RunOptions = Parameters<Piscina['run']>[1];

/** A thread that cannot even start is tried again so much later, while work waits for it. */
const AGAIN_MS = 1000;

/** As many threads as there is work for, at most `maxThreads`; they go when they had nothing to do for `idleTimeout`. */
export class ThreadPool<Order, Answer> extends Piscina<Order, Answer> {
  /** @param what a thread of it is called in the log: "a slot" */
  constructor(options: Options, what: string, logger: Pick<Logger, 'error'>) {
    super({
      minThreads: 0,
      ...options,
      filename: packageFile('dist/thread-start.cjs'),
      argv: [pathToFileURL(options.filename).href],
    });
    this.on('error', (error: unknown) => {
      logger.error({ err: error }, `${what} was ended by an error while it had no work`);
      setTimeout(() => this.#startForWaiting(), AGAIN_MS).unref();
    });
  }

  override async run(order: Order, options?: RunOptions): Promise<Answer> {
    try {
      return await super.run(order, options);
    } finally {
      this.#startForWaiting();
    }
  }

  /** Piscina starts a thread when it is given work: this is taken back before it has begun. */
  #startForWaiting(): void {
    if (this.queueSize === 0 || this.threads.length >= this.options.maxThreads) return;
    const nothing = new AbortController();
    void super.run(undefined as Order, { signal: nothing.signal }).catch(() => undefined);
    nothing.abort();
  }
}
