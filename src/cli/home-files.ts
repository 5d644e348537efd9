// What lies where in SLUICE_HOME.
import { join } from 'node:path';

/** The admin key that `sluice up` has made. */
export function adminKeyFile(home: string): string {
  return join(home, 'admin.key');
}

/** Held by the `sluice up` that runs in this home. */
export function upLockFile(home: string): string {
  return join(home, 'up.lock');
}

/** Where the servers of that `up` can be found; it holds passwords. */
export function runningFile(home: string): string {
  return join(home, 'running.json');
}
