// Who may call what: a key in the Authorization header, a role on the route.
import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { counted } from '../../core/counted.ts';
import { roleIncludes, type Role } from '../../core/access/roles.ts';
import { AppError } from '../../errors.ts';
import type { App } from './fastify.ts';
import type { Keyring } from './keyring.ts';
import { loggableUrl } from './loggable-url.ts';

/** Lets only keys with the route's role into a scope, before the body is read. */
export function addAuth(scope: App, keyring: Keyring): void {
  scope.addHook('onRoute', (route) => {
    if (route.config?.role === undefined)
      throw new Error(`${String(route.method)} ${route.url} does not say which role may call it`);
  });
  scope.addHook('onRequest', async (request) => {
    const key = bearerKey(request);
    const role = request.routeOptions.config.role!;
    request.user = await authenticate(keyring, request, key);
    requireRole(request.user.role, role);
    request.isStillAllowed = async () => {
      const user = await keyring.find(key!, request.ip);
      return user !== undefined && roleIncludes(user.role, role);
    };
  });
}

/**
 * @throws AppError UNAUTHENTICATED, in the same words whatever is wrong with the key; RATE_LIMITED when the request's address has sent
 * too many keys that open nothing
 */
export async function authenticate(keyring: Keyring, request: FastifyRequest, key: string | undefined) {
  const user = key === undefined ? undefined : await keyring.find(key, request.ip);
  if (user !== undefined) return user;
  if (key !== undefined) logRefusedKey(request);
  throw new AppError('UNAUTHENTICATED', 'Send a valid API key as "Authorization: Bearer <key>".');
}

/** Nothing of what was sent as a key is logged: it may be a password that was meant for somebody else. */
export function logRefusedKey(request: FastifyRequest): void {
  request.log.warn(
    { address: request.ip, method: request.method, url: loggableUrl(request) },
    'a key that opens nothing was refused',
  );
}

export function requireRole(held: Role, needed: Role): void {
  if (!roleIncludes(held, needed))
    throw new AppError('FORBIDDEN', `This needs the role ${needed}; the key you sent has ${held}.`, {
      neededRole: needed,
    });
}

export function bearerKey(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Limits what one key may ask for, within one API process. Add it after `addAuth`: it goes by the key's id. */
export async function addRateLimit(scope: App, perMinute: number): Promise<void> {
  if (perMinute === 0) return;
  await scope.register(rateLimit, {
    max: perMinute,
    timeWindow: '1 minute',
    keyGenerator: (request) => request.user.keyId,
    errorResponseBuilder: (_request, context) =>
      new AppError(
        'RATE_LIMITED',
        `A key may make ${counted(context.max, 'request')} in a minute. Try again in ${context.after}.`,
      ),
  });
}
