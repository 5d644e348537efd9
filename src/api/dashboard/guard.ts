// Who may see the dashboard: an admin, by HTTP Basic (a browser asks for it) or by a bearer key.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { authenticate, bearerKey, requireRole } from '../http/auth.ts';
import type { Keyring } from '../http/keyring.ts';
import { loggableUrl } from '../http/loggable-url.ts';
import { sendProblem } from '../http/problem.ts';

const CHALLENGE = { 'www-authenticate': 'Basic realm="Sluice", charset="UTF-8"' };

/** Every request of the scope needs an admin's key, every change is logged with who made it. */
export function addDashboardGuard(scope: App, keyring: Keyring): void {
  scope.addHook('onRequest', async (request, reply) => {
    try {
      request.user = await authenticate(keyring, request, bearerKey(request) ?? basicPassword(request));
      requireRole(request.user.role, 'admin');
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
