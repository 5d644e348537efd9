// Bull Board, for admins: what Redis has of the work. Postgres is the truth; nothing done here can lose or double a row.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { Bell, ChunkJob } from '../../queue/queues.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import type { Keyring } from '../http/keyring.ts';
import { addDashboardGuard } from './guard.ts';
import { taskPageRoute } from './task-page.ts';
import { refuseDestructive } from './writes.ts';

/** The path as the browser sees it: the page's own links are made from it. */
const BASE_PATH = '/dashboard';

/** The page has inline styles, shows SVG images, and asks for a font of Google's, which it can do without. */
const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Call it in a scope of its own, under BASE_PATH. */
export async function dashboardRoutes(scope: App, deps: ApiDeps, keyring: Keyring): Promise<void> {
  addDashboardGuard(scope, keyring);
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.header('content-security-policy', PAGE_CSP).header('cache-control', 'no-store');
    done();
  });
  taskPageRoute(scope, deps);

  const adapter = new FastifyAdapter();
  adapter.setBasePath(BASE_PATH);
  createBullBoard({
    serverAdapter: adapter,
    queues: [
      boardQueue(
        deps.queues.imports,
        'Plans an import, waits for its chunks, and ends it; takes the rows of an import back.',
      ),
      boardQueue(deps.queues.chunks, 'Loads a chunk of a file in one transaction.'),
    ],
    options: {
      uiConfig: {
        boardTitle: 'Sluice',
        miscLinks: [{ text: 'API documentation', url: '/docs' }],
        hideRedisDetails: true,
        hideDocsLink: true,
      },
      handlerHooks: { before: refuseDestructive },
    },
  });
  await scope.register(adapter.registerPlugin());
}

function boardQueue(queue: Queue<Bell> | Queue<ChunkJob>, description: string): BullMQAdapter {
  return new BullMQAdapter(queue as Queue, {
    description,
    externalJobUrl: (job) => {
      const data = job.data as Bell | ChunkJob;
      return {
        href: `${BASE_PATH}/tasks/${'taskId' in data ? data.taskId : data.importId}`,
        displayText: 'Task',
      };
    },
  });
}
