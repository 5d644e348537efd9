// JSON bodies whose big integers count: checked as numbers, as everywhere, and read once more exactly.
import type { FastifyRequest } from 'fastify';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';

const texts = new WeakMap<FastifyRequest, string>();

/** For the routes of the scope: their bodies can be read by `exactBody` too. */
export function addExactBodies(scope: App): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    texts.set(request, text as string);
    void parse(request, text as string, done);
  });
}

/** The text of the body. */
export function bodyText(request: FastifyRequest): string {
  return texts.get(request) ?? '';
}

/** The body with its big integers; read it when it has been found not to be too deep. @throws AppError INVALID_REQUEST for a name that an object has twice */
export function exactBody(request: FastifyRequest): unknown {
  try {
    return parseExact(bodyText(request));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AppError('INVALID_REQUEST', `The body cannot be read exactly: ${error.message}.`);
  }
}
