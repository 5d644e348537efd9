// How many uploads an API process takes at once. Asked before a byte of the body is read, on every route that takes a file.
import type { Config } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import { AtOnce } from './at-once.ts';
import type { App } from './fastify.ts';

const RETRY_AFTER_SECONDS = 5;

/** Add it after `addAuth`: it goes by the key's id. */
export function addUploadLimit(
  scope: App,
  { uploadsAtOnce, uploadsAtOncePerKey }: Pick<Config, 'uploadsAtOnce' | 'uploadsAtOncePerKey'>,
): void {
  const uploads = new AtOnce({ total: uploadsAtOnce, perKey: uploadsAtOncePerKey });
  scope.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.takesFile !== true) return done();
    const entered = uploads.enter(request.user.keyId);
    if (typeof entered === 'string') return done(tooMany(entered, uploadsAtOnce, uploadsAtOncePerKey));
    reply.raw.once('finish', entered).once('close', entered);
    done();
  });
}

function tooMany(which: 'total' | 'key', total: number, perKey: number): AppError {
  const whose =
    which === 'total' ? `this server takes at once (${total})` : `a key may send at once (${perKey})`;
  return new AppError(
    'TOO_MANY_UPLOADS',
    `As many uploads as ${whose} are under way. Send this one again in ${RETRY_AFTER_SECONDS} s; nothing was kept.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
