// A request's address as the log may have it: whoever puts a key into an address by mistake must not find it in a log file.
import type { FastifyRequest } from 'fastify';
import { withoutKeys } from '../../core/access/api-key.ts';

/** Their values may name a person or be of one: files are called after people, and records are looked for. */
const OF_PEOPLE = ['fileName', 'entry', 'q', 'cursor'];

/** Path and query; of the query the parameters that the route knows, the others are "…". */
export function loggableUrl(request: FastifyRequest): string {
  const [path = '', query] = splitOnce(request.url, '?');
  const shown = withoutKeys(path.replace(/^\w+:\/\/[^/]*/, ''));
  if (query === undefined) return shown;
  const known = parametersOf(request);
  const parameters = query.split('&').map((pair) => {
    const name = splitOnce(pair, '=')[0]!;
    if (OF_PEOPLE.includes(name)) return `${name}=…`;
    return known.has(name) ? withoutKeys(pair) : '…';
  });
  return `${shown}?${[...new Set(parameters)].join('&')}`;
}

function parametersOf(request: FastifyRequest): ReadonlySet<string> {
  const schema = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
  return new Set(Object.keys(schema?.properties ?? {}));
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
