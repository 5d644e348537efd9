// The path that a proxy has in front of Sluice's addresses (SLUICE_BASE_PATH). Inside, no route knows of it: it is taken off the requests
// that have it, and put before the addresses that answers name.
import type { IncomingMessage } from 'node:http';
import type { App } from './fastify.ts';

/** Of a request in absolute form (RFC 9112, 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** For Fastify: the address without the path, whether the proxy has kept it or taken it off already. Undefined: nothing is to be done. */
export function rewriterFor(basePath: string): ((request: IncomingMessage) => string) | undefined {
  return basePath === '' ? undefined : ({ url = '/' }) => withoutBasePath(url, basePath);
}

export function withoutBasePath(url: string, basePath: string): string {
  const path = url.slice(ORIGIN.exec(url)?.[0].length ?? 0);
  if (!path.startsWith(basePath)) return url;
  const rest = path.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/** Add it before the routes: `Location` of every answer gets the path, unless it leads to another host. */
export function addBasePath(app: App, basePath: string): void {
  if (basePath === '') return;
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && /^\/(?!\/)/.test(location))
      void reply.header('location', `${basePath}${location}`);
    done(null, payload);
  });
}
