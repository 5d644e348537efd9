// Every failure leaves as a problem document, also those of unknown paths and methods.
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { AppError } from '../../errors.ts';
import type { App } from './fastify.ts';
import { httpAnswer } from './http-answer.ts';
import { expectedFailure, problemOf, sendProblem } from './problem.ts';

const NOT_HTTP = { status: 400, detail: 'What was sent is not HTTP.' };
const LEFT_OVER = {
  status: 400,
  detail:
    'What follows the body of a request is not HTTP. Its Content-Length may be smaller than its body. Send it with the right one, or none; nothing was kept.',
};
/** Node's codes. */
const BROKEN_HTTP: Record<string, typeof NOT_HTTP> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The headers are too large.' },
  HPE_INVALID_EOF_STATE: {
    status: 400,
    detail:
      'The connection was ended before the request was complete. Its Content-Length may be larger than its body, or it was cut off on its way. Send it whole, with the right Content-Length or none; nothing was kept.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The headers took too long to arrive.' },
};

/** Answers every error thrown in a route or hook of the app. @param basePath what clients have before each path */
export function addProblems(app: App, basePath: string): void {
  const allowedMethods = watchRoutes(app);

  app.setErrorHandler((thrown, request, reply) => {
    const error = request.gaveUp ?? thrown;
    if (expectedFailure(error) === undefined) request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, error);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const shorter = path.replace(/\/+$/, '');
    const isLonger = shorter !== path && allowedMethods(shorter).includes(request.method);
    const allow = isLonger ? [] : allowedMethods(path);
    const failure =
      allow.length > 0
        ? new AppError(
            'METHOD_NOT_ALLOWED',
            `${basePath}${path} takes ${allow.join(', ')}, not ${request.method}.`,
            {
              allow,
            },
          )
        : new AppError(
            'NOT_FOUND',
            `There is nothing at ${basePath}${path}.${isLonger ? ` Call ${basePath}${shorter}, without the slash at its end.` : ''}`,
          );
    return sendProblem(reply, failure);
  });
}

/** What Node tells of it. */
interface HttpError extends NodeJS.ErrnoException {
  /** What came last, a Buffer, and how much of it was read. */
  readonly rawPacket?: unknown;
  readonly bytesParsed?: number;
}

/** Answers what is no HTTP, or breaks its limits before there is a request (`clientErrorHandler`). */
export function answerBrokenHttp(error: HttpError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const refusal = BROKEN_HTTP[error.code ?? ''] ?? (cameAfterRequest(error, socket) ? LEFT_OVER : NOT_HTTP);
  const problem = problemOf(
    new AppError('INVALID_REQUEST', refusal.detail, { httpStatus: refusal.status }),
    randomUUID(),
  );
  socket.end(httpAnswer(problem));
}

function cameAfterRequest({ rawPacket, bytesParsed = 0 }: HttpError, { bytesRead }: Socket): boolean {
  if (!Buffer.isBuffer(rawPacket)) return false;
  return bytesRead > rawPacket.length || rawPacket.subarray(0, bytesParsed).includes('\r\n\r\n');
}

/** Remembers the routes as they are added; tells which methods a path takes. */
function watchRoutes(app: App): (path: string) => string[] {
  const routes: { parts: string[]; methods: string[] }[] = [];
  app.addHook('onRoute', (route) => {
    routes.push({ parts: route.url.split('/'), methods: [route.method].flat() });
  });
  return (path) => {
    const parts = path.split('/');
    const methods = routes.filter((route) => matches(route.parts, parts)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  };
}

function matches(route: readonly string[], path: readonly string[]): boolean {
  return route.length === path.length && route.every((part, at) => part.startsWith(':') || part === path[at]);
}
