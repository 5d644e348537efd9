// A request to a host that somebody else names: only to hosts that are allowed, and to no address inside, whatever a name resolves to and
// wherever a redirect leads. An address is checked where the connection is made, so that a name cannot change in between.
import { lookup as resolve, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { abortAfter } from '../../core/abort-after.ts';
import { NonRetryable } from '../task-context.ts';
import { hostOf, isListed, isPublicAddress } from '../../outside/addresses.ts';

export interface HttpRules {
  /** Hosts that may be asked; `*`: any. */
  readonly httpHosts: readonly string[];
  /** Of these the addresses need not be public. */
  readonly httpPrivateHosts: readonly string[];
  /** The setting that has these; SLUICE_HTTP_PRIVATE_HOSTS if not given. */
  readonly privateSetting?: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole of it, its answer too. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** False: a redirect is an answer like others. */
  readonly followsRedirects?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export const LONGEST_REQUEST_MS = 600_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** An answer whose body is still to come; the caller reads it, or destroys it. */
export interface OpenAnswer extends Omit<HttpAnswer, 'body'> {
  readonly body: http.IncomingMessage;
}

/** @throws NonRetryable for what is not allowed, and for an answer that is too long */
export async function requestSafely(
  rules: HttpRules,
  request: HttpRequest & { /** A longer answer is an error. */ readonly maxBytes: number },
): Promise<HttpAnswer> {
  const answer = await openSafely(rules, request);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    bytes += part.length;
    parts.push(part);
    if (bytes > request.maxBytes)
      throw new NonRetryable(`The answer of ${request.url} has more than ${request.maxBytes} bytes.`);
  }
  return { ...answer, body: Buffer.concat(parts) };
}

/** As far as the headers of the answer, following redirects. @throws NonRetryable for what is not allowed */
export async function openSafely(rules: HttpRules, request: HttpRequest): Promise<OpenAnswer> {
  const { signal, clear } = abortAfter(
    request.timeoutMs,
    request.signal,
    () => new Error(`${request.url} took too long to answer (${request.timeoutMs} ms).`),
  );
  try {
    const answer = await follow(rules, { ...request, signal });
    answer.body.once('close', clear);
    return answer;
  } catch (error) {
    clear();
    throw error;
  }
}

async function follow(rules: HttpRules, request: HttpRequest): Promise<OpenAnswer> {
  let next = request;
  for (let redirects = 0; ; redirects++) {
    const url = requireAllowed(rules, next.url);
    const answer = await send(rules, url, next);
    const { location } = answer.headers;
    if (request.followsRedirects === false || !REDIRECTS.includes(answer.status) || location === undefined)
      return answer;
    answer.body.destroy();
    if (redirects === MOST_REDIRECTS)
      throw new NonRetryable(`${request.url} leads on more than ${MOST_REDIRECTS} times.`);
    next = followed(next, answer.status, url, redirectTarget(location, url));
  }
}

/** @throws NonRetryable */
function redirectTarget(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new NonRetryable(`${from.href} leads on to "${location}", which is no address.`);
}

/** @throws NonRetryable */
function requireAllowed(rules: HttpRules, text: string): URL {
  const { httpHosts, httpPrivateHosts } = rules;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new NonRetryable(`"${text}" is no address of http or https.`);
  const host = hostOf(url);
  if (!isListed(host, httpHosts) && !isListed(host, httpPrivateHosts))
    throw new NonRetryable(
      `The host "${host}" may not be asked: the operator does not list it (SLUICE_HTTP_HOSTS).`,
    );
  // The resolver is not asked about a host that is an address.
  if (isIP(host) !== 0) requirePublic(rules, host, host);
  return url;
}

function requirePublic(
  { httpPrivateHosts, privateSetting = 'SLUICE_HTTP_PRIVATE_HOSTS' }: HttpRules,
  host: string,
  address: string,
): void {
  if (isPublicAddress(address) || isListed(host, httpPrivateHosts)) return;
  throw new NonRetryable(
    `The host "${host}" may not be asked: its address ${address} is not public. The operator can allow it (${privateSetting}).`,
  );
}

/** As browsers do it; what says who asks does not go to another origin. */
function followed<T extends HttpRequest>(request: T, status: number, from: URL, to: URL): T {
  const turnsToGet = status === 303 || ((status === 301 || status === 302) && request.method === 'POST');
  const staysSecret = from.origin !== to.origin;
  const dropped = [
    ...(turnsToGet ? ['content-type', 'content-length'] : []),
    ...(staysSecret ? ['authorization', 'cookie', 'proxy-authorization'] : []),
  ];
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !dropped.includes(name.toLowerCase())),
  );
  const { body, ...rest } = request;
  if (turnsToGet)
    return { ...rest, method: request.method === 'HEAD' ? 'HEAD' : 'GET', url: to.href, headers } as T;
  return { ...request, url: to.href, headers, ...(body === undefined ? {} : { body }) };
}

function send(
  rules: HttpRules,
  url: URL,
  { method, headers, body, signal }: HttpRequest,
): Promise<OpenAnswer> {
  const host = hostOf(url);
  const options: https.RequestOptions = {
    method,
    headers: { 'user-agent': 'sluice', ...headers },
    // No connection that was opened for another host, and none that stays.
    agent: false,
    lookup: (name, { family, hints }, done) =>
      resolve(name, { family: family ?? 0, hints: hints ?? 0, all: true }, (error, found) => {
        const give = done as (error: Error | null, found?: LookupAddress[]) => void;
        if (error !== null) return give(error);
        try {
          for (const { address } of found) requirePublic(rules, host, address);
          give(null, found);
        } catch (refused) {
          give(refused as Error);
        }
      }),
  };
  return new Promise((done, reject) => {
    signal.throwIfAborted();
    const sent = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
      // Destroyed with its request it would say "aborted", whatever the reason is.
      signal.addEventListener('abort', () => answer.destroy(signal.reason as Error), { once: true });
      done({
        status: answer.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
        ),
        body: answer,
      });
    });
    signal.addEventListener('abort', () => sent.destroy(signal.reason as Error), { once: true });
    sent.on('error', (error) => reject(withMessage(error)));
    sent.end(body);
  });
}

/** What goes wrong at each address of a host that has several, in one message: Node's own error has none. */
export function withMessage(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  const messages = (error.errors as Error[]).map(({ message }) => message);
  const { code } = error as NodeJS.ErrnoException;
  return Object.assign(new Error(messages.join('; '), { cause: error }), { code });
}
