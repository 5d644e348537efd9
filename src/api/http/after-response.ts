// Work behind an answer: what the client need not wait for, and what may be lost. What must not be lost is a task: record it in the
// transaction that is answered (db/tasks/enqueue.ts), and several that follow each other as a chain (db/groups).
import type { FastifyRequest } from 'fastify';
import type { App } from './fastify.ts';

/** One piece of work. A process that is killed loses it; one that stops in order waits for it. */
export interface BackgroundJob {
  /** For the log when it fails: `the bell of a cancelled task could not be withdrawn`. */
  readonly failure: string;
  readonly run: () => unknown;
}

/**
 * Gives each request `afterResponse(jobs)`: they run one after the other when the answer has gone out (or was to, and its client had gone), in
 * the order in which they were given, also over several calls. One that fails is logged and holds up no other. The jobs of two requests have no order.
 */
export function addAfterResponse(app: App): void {
  const given = new WeakMap<FastifyRequest, BackgroundJob[]>();
  const underWay = new Set<Promise<void>>();
  app.decorateRequest('afterResponse', function (this: FastifyRequest, jobs: readonly BackgroundJob[]) {
    given.set(this, [...(given.get(this) ?? []), ...jobs]);
  });
  app.addHook('onResponse', (request, _reply, done) => {
    const jobs = given.get(request);
    if (jobs !== undefined) {
      const work = runInOrder(jobs, request).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    done();
  });
  app.addHook('onClose', async () => {
    await Promise.all(underWay);
  });
}

async function runInOrder(jobs: readonly BackgroundJob[], request: FastifyRequest): Promise<void> {
  for (const { failure, run } of jobs) {
    try {
      await run();
    } catch (error) {
      request.log.warn({ err: error }, failure);
    }
  }
}
