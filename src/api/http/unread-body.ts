// What becomes of a body when its answer is given before its end. To close the connection at once would reset it, and the client might
// never read the answer (RFC 9112, 9.6); to read on for ever would let anybody keep it. So a little is read and thrown away, for a little
// while: a client that sees its answer stops, one that does not is cut off.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './fastify.ts';

const MIB = 1024 * 1024;

/** Bytes that are still read, and how long the connection stays open. */
interface Patience {
  readonly bytes: number;
  readonly ms: number;
}

/** Whoever may send, but not this: many clients read the answer only when they have sent all. */
const DECLINED: Patience = { bytes: 64 * MIB, ms: 10_000 };
/** Whoever may not send, or not now: enough for a body that was on its way with its headers. */
const TURNED_AWAY: Patience = { bytes: MIB, ms: 2000 };
const TURNED_AWAY_STATUSES = [401, 403, 408, 429, 503];

export function addUnreadBodies(app: App): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!request.raw.complete && hasBody(request)) letFinishSending(request, reply);
    done(null, payload);
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The connection stays open meanwhile, also for a client that asked for `Connection: close`. */
function letFinishSending({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { bytes, ms } = TURNED_AWAY_STATUSES.includes(reply.statusCode) ? TURNED_AWAY : DECLINED;
  let left = bytes;
  const timer = setTimeout(() => raw.destroy(), ms).unref();
  raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  raw.unpipe();
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    // Full buffers hold the client back while it still may read its answer.
    if (left < 0) raw.pause();
  });
  raw.resume();
  reply.raw.shouldKeepAlive = true;
}
