// Keeps one Postgres connection that listens; opened anew when it is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connectionOptions, type PostgresAddress } from '../db/connection.ts';
import type { Logger } from '../logger.ts';

/** How soon a lost connection is opened again, or what it would have told is looked for. */
export const LISTEN_AGAIN_MS = 1000;

export interface ListenDeps {
  /** Not through a pooler in transaction mode: its sessions hear what nobody of theirs asked for, or nothing. */
  readonly address: PostgresAddress;
  readonly channel: string;
  readonly heard: (payload: string) => void;
  /** Called whenever it begins to listen: things may have been said before. */
  readonly listening?: () => void;
  readonly logger: Logger;
}

/** Runs until the signal. */
export async function listen(deps: ListenDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client(connectionOptions(deps.address, 'listener'));
    const over = new AbortController();
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
    });
    client.on('notification', ({ payload = '' }) => deps.heard(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${deps.channel}`);
      deps.listening?.();
      await lost;
    } catch (error) {
      deps.logger.debug({ err: error }, 'Postgres cannot be listened to now');
      await sleep(LISTEN_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    } finally {
      // Otherwise each lost connection would leave a listener with the signal.
      over.abort();
      await client.end().catch(() => undefined);
    }
  }
}
