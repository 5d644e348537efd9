// What the `sluice` command asks of the API.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { localKey } from './local-key.ts';
import { describeProblem, type Problem } from './problem-text.ts';

export interface Request extends RequestInit {
  readonly duplex?: 'half';
  /**
   * How long to ask again while nobody answers or the API is busy, from the first failure on; not at all when left out. A POST
   * that finds nobody at its first attempt fails at once.
   */
  readonly patienceMs?: number;
  /** True for what needs no key: none is looked for. */
  readonly anonymous?: boolean;
  /** Answers that are as good as a 2xx. */
  readonly statuses?: readonly number[];
}

export interface ApiClient {
  readonly url: string;
  /** @throws ClientError with the API's own words, or saying that nobody answers */
  request(path: string, init?: Request): Promise<Response>;
  /** The same, and the JSON of the answer; an integer beyond 2^53 is a bigint. */
  json<T>(path: string, init?: Request): Promise<T>;
}

interface ClientErrorOptions {
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
}

/** What a call came to, in words for the user. */
export class ClientError extends Error {
  /** Undefined when nobody answered. */
  readonly status: number | undefined;
  /** As the API sent it, if it did. */
  readonly problem: Problem | undefined;

  constructor(message: string, options: ClientErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.problem = options.problem;
  }
}

/** Codes of Node and of its `fetch` for a connection that was made and broke. */
const BROKEN = /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_(?:SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT))$/;

/** What may go well a moment later. */
class Temporary extends ClientError {
  /** As the API says. */
  readonly afterMs: number | undefined;
  /** Somebody was there: with an answer, or with a connection that broke. */
  readonly wasThere: boolean;

  constructor(message: string, options: { cause?: Error; status?: number; afterMs?: number | undefined }) {
    super(message, options);
    this.afterMs = options.afterMs;
    const network = options.cause?.cause as NodeJS.ErrnoException | undefined;
    this.wasThere = options.cause === undefined || BROKEN.test(network?.code ?? '');
  }
}

/** Between two looks at something that is watched. */
export const POLL_MS = 500;
/** What is watched goes on, whether it can be seen or not. */
export const WATCH_PATIENCE_MS = 5 * 60_000;

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

/** The key of the settings, or that of the `up` which runs here; looked for when the first call needs one. */
export function openClient(config: Pick<Config, 'url' | 'apiKey' | 'adminKey' | 'home'>): ApiClient {
  const url = config.url.replace(/\/$/, '');
  let key: string | undefined;
  const client: ApiClient = {
    url,
    async request(path, { patienceMs = 0, anonymous = false, statuses = [], ...init } = {}) {
      if (!anonymous) key ??= config.apiKey ?? localKey(config);
      let giveUpAt: number | undefined;
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        try {
          return await ask(`${url}${path}`, { key: anonymous ? undefined : key, statuses }, init);
        } catch (error) {
          if (!(error instanceof Temporary)) throw error;
          if (giveUpAt === undefined && !error.wasThere && init.method === 'POST') throw error;
          giveUpAt ??= Date.now() + patienceMs;
          const left = giveUpAt - Date.now();
          if (left <= 0) throw error;
          const pauseMs = Math.min(error.afterMs ?? waitMs, left);
          process.stderr.write(
            `${error.message.split('\n')[0]!} Asking again in ${Math.ceil(pauseMs / 1000)} s.\n`,
          );
          await sleep(pauseMs);
        }
      }
    },
    async json<T>(path: string, init?: Request): Promise<T> {
      const response = await client.request(path, init);
      try {
        return parseExact(await response.text()) as T;
      } catch (error) {
        const { message } = error as Error;
        throw new ClientError(`The answer of ${url}${path} broke off: ${message}.`, { cause: error });
      }
    },
  };
  return client;
}

/** @throws Temporary when nobody answers, or not now; any other ClientError has the API's own words */
async function ask(
  url: string,
  { key, statuses }: { readonly key: string | undefined; readonly statuses: readonly number[] },
  init: RequestInit,
): Promise<Response> {
  const response = await fetch(url, {
    ...init,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(init.headers as Record<string, string> | undefined),
    },
  }).catch((error: Error) => {
    throw new Temporary(
      `Nobody answers at ${new URL(url).origin} (SLUICE_URL): ${reasonOf(error)}. Is the API running, and is the address right?`,
      { cause: error },
    );
  });
  if (response.ok || statuses.includes(response.status)) return response;
  const { message, problem } = await readProblem(response);
  const { status } = response;
  if (status !== 503 && status !== 429 && problem?.code !== 'IDEMPOTENCY_KEY_BUSY')
    throw new ClientError(message, { status, problem });
  const after = Number(response.headers.get('retry-after') ?? NaN);
  throw new Temporary(message, { status, afterMs: Number.isFinite(after) ? after * 1000 : undefined });
}

async function readProblem(response: Response): Promise<{ message: string; problem?: Problem }> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    return { message: describeProblem(response.status, problem), problem };
  } catch {
    return { message: `${response.status} ${text.slice(0, 500)}` };
  }
}

/** Of a host with several addresses Node tells each one's failure, and no message for all. */
function reasonOf(error: Error): string {
  const { cause } = error;
  if (cause instanceof AggregateError)
    return (cause.errors as Error[]).map((each) => each.message).join(', ');
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
