// What the `sluice` command asks of the API.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

/** A problem document, as the API answers. */
interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly detail: string }[];
}

export interface ApiClient {
  readonly url: string;
  /** @throws Error with the API's own words, or saying that nobody answers */
  request(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Response>;
}

/** Where `npm start` keeps its admin key. */
export const ADMIN_KEY_FILE = 'admin.key';

export async function openClient(config: Pick<Config, 'url' | 'apiKey' | 'home'>): Promise<ApiClient> {
  const key = config.apiKey ?? (await readAdminKey(config.home));
  const url = config.url.replace(/\/$/, '');
  return {
    url,
    async request(path, init = {}) {
      const response = await fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${key}`, ...init.headers },
      }).catch((error: Error) => {
        throw new Error(
          `Nobody answers at ${url} (SLUICE_URL): ${(error.cause as Error | undefined)?.message ?? error.message}`,
          { cause: error },
        );
      });
      if (!response.ok) throw new Error(await describeProblem(response));
      return response;
    },
  };
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

async function describeProblem(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    const more = (problem.errors ?? []).map((item) => `\n  - ${item.detail}`).join('');
    return `${response.status} ${problem.detail ?? problem.title ?? ''}${more}`;
  } catch {
    return `${response.status} ${text.slice(0, 500)}`;
  }
}
