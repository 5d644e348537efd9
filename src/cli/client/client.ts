// What the `sluice` command asks of the API.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import { describeProblem, type Problem } from './problem-text.ts';

export interface Request extends RequestInit {
  readonly duplex?: 'half';
  /**
   * How long to ask again while nobody answers or the API is busy, from the first failure on; not at all when left out. A POST
   * that finds nobody at its first attempt fails at once.
   */
  readonly patienceMs?: number;
}

export interface ApiClient {
  readonly url: string;
  /** @throws Error with the API's own words, or saying that nobody answers */
  request(path: string, init?: Request): Promise<Response>;
}

/** Codes of Node and of its `fetch` for a connection that was made and broke. */
const BROKEN = /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_(?:SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT))$/;

/** What may go well a moment later. */
class Temporary extends Error {
  /** As the API says. */
  readonly afterMs: number | undefined;
  /** Somebody was there: with an answer, or with a connection that broke. */
  readonly wasThere: boolean;

  constructor(message: string, options: { cause?: Error; afterMs?: number | undefined }) {
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

/** Where `npm start` keeps its admin key. */
export const ADMIN_KEY_FILE = 'admin.key';

export async function openClient(config: Pick<Config, 'url' | 'apiKey' | 'home'>): Promise<ApiClient> {
  const key = config.apiKey ?? (await readAdminKey(config.home));
  const url = config.url.replace(/\/$/, '');
  return {
    url,
    async request(path, { patienceMs = 0, ...init } = {}) {
      let giveUpAt: number | undefined;
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        try {
          return await ask(url, path, key, init);
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
  };
}

/** @throws Temporary when nobody answers, or not now; Error with the API's own words else */
async function ask(url: string, path: string, key: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string> | undefined) },
  }).catch((error: Error) => {
    throw new Temporary(
      `Nobody answers at ${url} (SLUICE_URL): ${(error.cause as Error | undefined)?.message ?? error.message}`,
      { cause: error },
    );
  });
  if (response.ok) return response;
  const { message, code } = await readProblem(response);
  const { status } = response;
  if (status !== 503 && status !== 429 && code !== 'IDEMPOTENCY_KEY_BUSY') throw new Error(message);
  const after = Number(response.headers.get('retry-after') ?? NaN);
  throw new Temporary(message, { afterMs: Number.isFinite(after) ? after * 1000 : undefined });
}

async function readProblem(response: Response): Promise<{ message: string; code: string | undefined }> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    return { message: describeProblem(response.status, problem), code: problem.code };
  } catch {
    return { message: `${response.status} ${text.slice(0, 500)}`, code: undefined };
  }
}

async function readAdminKey(home: string): Promise<string> {
  const path = join(home, ADMIN_KEY_FILE);
  const key = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppError(
      'CONFIG_INVALID',
      `SLUICE_API_KEY is not set, and there is no key in ${path}. Make one with "sluice keys create".`,
      {},
      { cause: error },
    );
  });
  return key.trim();
}
