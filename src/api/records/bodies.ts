// JSON bodies of records: numbers keep their digits (`LosslessNumber`), so that 1.10 stays 1.10.
import type { FastifyRequest } from 'fastify';
import { parseLossless } from '../../core/records/parse-json.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';

const texts = new WeakMap<FastifyRequest, string>();

/** The text of the body; empty when there is none. */
export function bodyText(request: FastifyRequest): string {
  return texts.get(request) ?? '';
}

/** For the routes of the scope. */
export function addLosslessBodies(scope: App): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined);
    texts.set(request, text as string);
    try {
      done(null, parseLossless(text as string));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      done(new AppError('INVALID_REQUEST', `The body is not JSON that can be taken: ${error.message}.`));
    }
  });
}
