// Bull Board, for admins: what Redis has of the work. Postgres is the truth; nothing done here can lose or double a row.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { FastifyAdapter } from '@bull-board/fastify';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import type { Keyring } from '../http/keyring.ts';
import { createBoards } from './boards.ts';
import { addDashboardGuard } from './guard.ts';
import { taskPageRoute } from './task-page.ts';
import { createRefusals } from './writes.ts';

/** Bull Board looks for it from its own file, which the bundle moves. */
const UI_FOLDER = dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json'));

/** The page has inline styles and shows SVG images. */
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

/** What Bull Board's page loads from elsewhere: a font of Google's, which it can do without, and which would tell Google who looks. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="(https?:)?\/\/[^>]*>/g;

/** Call it in a scope of its own, under /dashboard. */
export async function dashboardRoutes(scope: App, deps: ApiDeps, keyring: Keyring): Promise<void> {
  const asking = addDashboardGuard(scope, deps, keyring);
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.header('content-security-policy', PAGE_CSP).header('cache-control', 'no-store');
    done();
  });
  scope.addHook<string>('onSend', (_request, reply, payload, done) => {
    const isPage =
      String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string';
    done(null, isPage ? payload.replaceAll(FOREIGN_LINK, '') : payload);
  });
  taskPageRoute(scope, deps);

  const { basePath } = deps.config;
  // As the browser sees it: the page's own links are made from it.
  const path = `${basePath}/dashboard`;
  const adapter = new FastifyAdapter();
  adapter.setBasePath(path);
  const boards = createBoards(deps, path, asking);
  const board = createBullBoard({
    serverAdapter: adapter,
    queues: boards.known(),
    options: {
      uiBasePath: UI_FOLDER,
      uiConfig: {
        boardTitle: 'Sluice',
        miscLinks: [{ text: 'API documentation', url: `${basePath}/docs` }],
        hideRedisDetails: true,
        hideDocsLink: true,
      },
      handlerHooks: { before: createRefusals(deps) },
    },
  });
  scope.addHook('preHandler', async () => {
    const found = await boards.look();
    if (found !== undefined) board.replaceQueues(found);
  });
  await scope.register(adapter.registerPlugin());
}
