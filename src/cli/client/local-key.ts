// The admin key that `sluice up` has made in this home. It opens one API only, so it is sent to no other address.
import { readFileSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import { adminKeyFile } from '../home-files.ts';
import { runningServers } from '../up/running-servers.ts';

/** @throws AppError CONFIG_INVALID when `url` is not the API that runs in this home, or there is no key */
export function localKey({ home, url, adminKey }: Pick<Config, 'home' | 'url' | 'adminKey'>): string {
  const running = runningServers(home);
  if (running === undefined)
    throw noKey(
      `no "sluice up" runs in ${home}, and the admin key kept there is sent to no other API. Start it, or set SLUICE_API_KEY.`,
    );
  const [here, there] = [new URL(running.url).origin, new URL(url).origin];
  if (here !== there)
    throw noKey(
      `the admin key in ${home} is only for the API that runs there (${here}), not for SLUICE_URL (${there}). Set SLUICE_API_KEY to a key of that API.`,
    );
  return adminKey ?? readAdminKey(home);
}

function readAdminKey(home: string): string {
  const path = adminKeyFile(home);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw noKey(`there is no key in ${path}. Make one with "sluice keys create".`, error);
  }
}

function noKey(why: string, cause?: unknown): AppError {
  return new AppError(
    'CONFIG_INVALID',
    `SLUICE_API_KEY is not set, and ${why}`,
    { variable: 'SLUICE_API_KEY' },
    { cause },
  );
}
