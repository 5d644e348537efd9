// Any failure as an RFC 9457 problem document: the one place that decides what a client is told of an error.
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply } from 'fastify';
import { databaseError, isUnavailable, SQLSTATE } from '../../db/errors.ts';
import { withoutKeys } from '../../core/access/api-key.ts';
import { AppError, ERROR_KINDS, type ErrorCode, type ErrorItem } from '../../errors.ts';
import { boundProblem } from './bounded-problem.ts';
import { invalidRequest } from './validation.ts';

export const PROBLEM_TYPE = 'application/problem+json';
/** Postgres and Redis restart in seconds. */
const RETRY_AFTER_SECONDS = 5;
/** Most uploads are done by then; a client that asks too early asks again. */
const BUSY_RETRY_AFTER_SECONDS = 2;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly ErrorItem[];
  readonly [param: string]: unknown;
}

/** The expected failure that an error means to the client; undefined for a bug. */
export function expectedFailure(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (isFastifyError(error)) {
    if (error.validation !== undefined) return invalidRequest(error.validation, error.validationContext);
    const failure = refusedByFastify(error);
    if (failure !== undefined) return failure;
  }
  if (isUnavailable(error))
    return new AppError(
      'UNAVAILABLE',
      'Sluice cannot reach Postgres now. Send the request again in a few seconds.',
    );
  if (databaseError(error)?.code === SQLSTATE.untranslatableCharacter)
    return new AppError(
      'INVALID_REQUEST',
      'A text in the request holds a NUL character, which Postgres cannot store. Remove it.',
    );
  return undefined;
}

/**
 * Answers with the problem an error means; `headers` win over the usual ones. A bug is told as INTERNAL, without a word
 * of what happened inside.
 */
export function sendProblem(
  reply: FastifyReply,
  error: unknown,
  headers: Record<string, string> = {},
): FastifyReply {
  const failure =
    expectedFailure(error) ??
    new AppError('INTERNAL', 'Something went wrong in Sluice. Its log has more under this requestId.');
  const problem = problemOf(failure, reply.request.id);
  return (
    reply
      .code(problem.status)
      .headers({ ...headersOf(failure), ...headers })
      // Also where a request fails before any hook runs.
      .header('x-request-id', problem.requestId)
      .header('content-type', PROBLEM_TYPE)
      .send(withoutKeys(JSON.stringify(problem)))
  );
}

export function problemOf(failure: AppError, requestId: string): Problem {
  const status = httpStatus(failure);
  const { httpStatus: _, ...params } = failure.params;
  const standard = {
    type: 'about:blank',
    title: status === failure.status ? ERROR_KINDS[failure.code].title : (STATUS_CODES[status] ?? 'Refused'),
    status,
    detail: failure.message,
    code: failure.code,
    requestId,
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
  };
  // People read them too: what every problem has comes first, and no parameter may stand in its place.
  return boundProblem({ ...standard, ...params, ...standard });
}

function headersOf(failure: AppError): Record<string, string> {
  switch (failure.code) {
    case 'UNAUTHENTICATED':
      return { 'www-authenticate': 'Bearer' };
    case 'RATE_LIMITED':
    case 'TOO_MANY_UPLOADS':
    case 'UPLOAD_FINISHING': {
      const { retryAfterSeconds } = failure.params;
      return typeof retryAfterSeconds === 'number' ? { 'retry-after': String(retryAfterSeconds) } : {};
    }
    case 'UNAVAILABLE':
    case 'STORAGE_UNAVAILABLE':
      return { 'retry-after': String(RETRY_AFTER_SECONDS) };
    case 'IDEMPOTENCY_KEY_BUSY':
      return { 'retry-after': String(BUSY_RETRY_AFTER_SECONDS) };
    case 'METHOD_NOT_ALLOWED':
      return { allow: (failure.params.allow as string[]).join(', ') };
    default:
      return {};
  }
}

/** Fastify knows refusals that have no code of ours (414, 431): they keep their status and are INVALID_REQUEST. */
function httpStatus(failure: AppError): number {
  return typeof failure.params.httpStatus === 'number' ? failure.params.httpStatus : failure.status;
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}

/** What Fastify and its plugins refuse before a handler runs. */
function refusedByFastify(error: FastifyError): AppError | undefined {
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  switch (status) {
    case 400:
      return new AppError('INVALID_REQUEST', sentence(error.message));
    case 404:
      return new AppError('NOT_FOUND', sentence(error.message));
    case 413:
      return new AppError('UPLOAD_TOO_LARGE', 'The body is larger than this route takes.');
    case 415:
      return new AppError('UNSUPPORTED_MEDIA_TYPE', 'This route does not take a body of this Content-Type.');
    default:
      return new AppError('INVALID_REQUEST', sentence(error.message), { httpStatus: status });
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
