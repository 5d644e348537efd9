// JSON bodies. An empty one is none: many clients name the type with every request, also with those that have no body.
import type { FastifyRequest } from 'fastify';
import type { App } from './fastify.ts';

/** For the routes of the scope. @param read is given the text of each body that is not empty */
export function addJsonBodies(scope: App, read?: (request: FastifyRequest, text: string) => void): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined);
    read?.(request, text as string);
    void parse(request, text as string, done);
  });
}
