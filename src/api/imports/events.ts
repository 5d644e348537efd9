// Progress as server-sent events: state is transferred, not a log of changes, so a client that reconnects just gets the state.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isFinal } from '../../core/tasks/task-status.ts';
import { findImportView, type ImportView } from '../../db/imports/import-views.ts';
import { toImport } from './import-schema.ts';

/** At most two messages a second. */
const INTERVAL_MS = 500;
/** A comment is sent when nothing else was for so long, so that no proxy takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/**
 * `snapshot` first, `progress` when something has changed, `end` with the final state; then it is over.
 * @param ends what ends it early. `signal`: the client is gone, or the server stops and the client will come back. `isAllowed`, asked at
 * each look: the key was revoked since, or has expired, or its user is gone
 */
export async function* followImport(
  pool: pg.Pool,
  first: ImportView,
  {
    signal,
    isAllowed,
    basePath,
  }: {
    readonly signal: AbortSignal;
    readonly isAllowed: () => Promise<boolean>;
    readonly basePath: string;
  },
): AsyncGenerator<string> {
  const format = (event: string, view: ImportView): string =>
    `id: ${view.version}\nevent: ${event}\ndata: ${JSON.stringify(toImport(view, basePath))}\n\n`;
  yield `retry: 2000\n${format('snapshot', first)}`;
  let sent = first;
  let silentMs = 0;
  while (!isFinal(sent.status)) {
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || !(await isAllowed())) return;
    const now = await findImportView(pool, first.id);
    if (now === undefined) return;
    silentMs += INTERVAL_MS;
    if (now.version !== sent.version && !isFinal(now.status)) {
      yield format('progress', now);
      silentMs = 0;
    } else if (silentMs >= HEARTBEAT_MS) {
      yield ': still here\n\n';
      silentMs = 0;
    }
    sent = now;
  }
  yield format('end', sent);
}
