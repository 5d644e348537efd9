// Who may see the dashboard: an admin, by HTTP Basic (a browser asks for it) or by a bearer key.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App, RequestUser } from '../http/fastify.ts';
import { authenticate, bearerKey, requireRole } from '../http/auth.ts';
import { refuseLimited } from '../http/scope.ts';
import type { Keyring } from '../http/keyring.ts';
import { loggableUrl } from '../http/loggable-url.ts';
import { sendProblem } from '../http/problem.ts';

const CHALLENGE = { 'www-authenticate': 'Basic realm="Sluice", charset="UTF-8"' };

/** Every request of the scope needs an admin's key, every change is logged with who made it. @returns whose request is being answered */
export function addDashboardGuard(scope: App, deps: ApiDeps, keyring: Keyring): () => RequestUser {
  const asking = new AsyncLocalStorage<RequestUser>();
  scope.addHook('onRequest', async (request, reply) => {
    try {
      request.user = await authenticate(keyring, request, bearerKey(request) ?? basicPassword(request));
      // Also of those that are refused below.
      if (isChange(request)) auditBehindAnswer(deps, request, reply);
      requireRole(request.user.role, 'admin');
      refuseLimited(request.user);
      refuseOtherSites(request);
    } catch (error) {
      // Answered here: Bull Board has an error handler of its own, which knows no problem documents.
      const unknown = error instanceof AppError && error.code === 'UNAUTHENTICATED';
      return sendProblem(reply, error, unknown ? CHALLENGE : {});
    }
  });
  scope.addHook('onResponse', (request, reply, done) => {
    if (isChange(request) && request.user !== undefined)
      request.log.info(
        {
          userId: request.user.id,
          user: request.user.name,
          url: loggableUrl(request),
          status: reply.statusCode,
        },
        'a change was asked for on the dashboard',
      );
    done();
  });
  scope.addHook('preHandler', (request, _reply, done) => asking.run(request.user, done));
  return () => asking.getStore()!;
}

function auditBehindAnswer(deps: ApiDeps, request: FastifyRequest, reply: FastifyReply): void {
  request.afterResponse([
    {
      failure: 'a change on the dashboard could not be written to the audit log',
      run: () => auditChange(deps, request, reply.statusCode),
    },
  ]);
}

/** A pause of a queue of tasks is a change in Postgres, and has its entry with it. */
async function auditChange(deps: ApiDeps, request: FastifyRequest, status: number): Promise<void> {
  const route = request.routeOptions.url ?? '';
  const { queueName = null, jobId } = (request.params ?? {}) as { queueName?: string; jobId?: string };
  const isPause = /\/(pause|resume)$/.test(route);
  if (isPause && status < 400 && queueName !== 'chunks') return;
  await recordAudit(deps.database.db, {
    by: request.user,
    via: 'dashboard',
    action: status < 400 ? 'board.change' : 'board.refused',
    subject: { type: 'queue', id: queueName },
    details: { what: `${request.method} ${route}`, status, ...(jobId === undefined ? {} : { jobId }) },
  });
}

/** Any name, the key as password (RFC 7617). */
function basicPassword(request: FastifyRequest): string | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : pair.slice(colon + 1);
}

/** Browsers send Basic credentials also with what other sites make them send. Over plain HTTP they say no more than the origin. */
function refuseOtherSites(request: FastifyRequest): void {
  if (!isChange(request)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isOther =
    site === undefined ? origin !== undefined && hostOf(origin) !== request.host : site !== 'same-origin';
  if (isOther) throw new AppError('FORBIDDEN', 'The dashboard takes changes only from its own page.');
}

/** Undefined for `null`, the origin of what has none. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function isChange(request: FastifyRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD';
}
