// Gives up a body that arrives too slowly: one byte a second would hold a connection, and what a request has opened, for years.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import type { App } from './fastify.ts';
import { httpAnswer } from './http-answer.ts';
import { problemOf } from './problem.ts';

const TICK_MS = 1000;
/** Seconds over which the rate is measured, so that a line may falter for a moment. */
const WINDOW_TICKS = 30;

/** @param minBytesPerSecond 0 waits for ever */
export function addSlowBodyWatch(app: App, minBytesPerSecond: number): void {
  if (minBytesPerSecond === 0) return;
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (!request.raw.complete) watch(request, reply, minBytesPerSecond * WINDOW_TICKS);
    done(null, payload);
  });
}

function watch(request: FastifyRequest, reply: FastifyReply, minBytes: number): void {
  const { raw } = request;
  let seen = raw.socket.bytesRead;
  let ticks = 0;
  let bytes = 0;
  const timer = setInterval(() => {
    if (raw.complete) return stop();
    const arrived = raw.socket.bytesRead - seen;
    seen += arrived;
    // What waits to be read is our slowness, not the client's.
    if (raw.readableLength > 0) return;
    bytes += arrived;
    if (++ticks < WINDOW_TICKS) return;
    if (bytes < minBytes) giveUp(request, reply);
    ticks = 0;
    bytes = 0;
  }, TICK_MS).unref();
  const stop = (): void => clearInterval(timer);
  raw.once('end', stop).once('close', stop);
  reply.raw.once('finish', stop);
}

/** The answer goes out first: whoever reads the body learns of it when the connection is gone, and by then could not be answered. */
function giveUp(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (reply.raw.headersSent) return;
  request.gaveUp = new AppError(
    'UPLOAD_TOO_SLOW',
    `The body arrived too slowly and was given up after ${WINDOW_TICKS} s. Send it again over a faster line; nothing was kept.${sayAnnounced(raw.headers['content-length'])}`,
  );
  raw.socket.write(httpAnswer(problemOf(request.gaveUp, request.id)), () => raw.destroy());
}

/** A body that ends before the bytes that were announced looks like one that is slow. */
function sayAnnounced(contentLength: string | undefined): string {
  return contentLength === undefined
    ? ''
    : ` Content-Length announces ${contentLength} bytes. If all of it was sent, that number is too large.`;
}
