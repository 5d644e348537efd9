// JSON bodies whose big integers count: checked as numbers, as everywhere, and read once more exactly.
import type { FastifyRequest } from 'fastify';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { addJsonBodies } from '../http/json-body.ts';

const texts = new WeakMap<FastifyRequest, string>();

/** For the routes of the scope: their bodies can be read by `exactBody` too. */
export function addExactBodies(scope: App): void {
  addJsonBodies(scope, (request, text) => texts.set(request, text));
}

/** The text of the body; empty when there is none. */
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
