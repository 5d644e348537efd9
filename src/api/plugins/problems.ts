// Every failure leaves as a problem document, also those of unknown paths and methods.
import { AppError } from '../../errors.ts';
import type { App } from '../fastify.ts';
import { expectedFailure, sendProblem } from '../problem.ts';

/** Answers every error thrown in a route or hook of the app. */
export function addProblems(app: App): void {
  const allowedMethods = watchRoutes(app);

  app.setErrorHandler((error, request, reply) => {
    if (expectedFailure(error) === undefined) request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, error);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const allow = allowedMethods(path);
    const failure =
      allow.length > 0
        ? new AppError('METHOD_NOT_ALLOWED', `${path} takes ${allow.join(', ')}, not ${request.method}.`, { allow })
        : new AppError('NOT_FOUND', `There is nothing at ${path}.`);
    return sendProblem(reply, failure);
  });
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
