// Small imports that come one after the other: the slot that has landed some listens for the next by itself for a while, so that these
// need not be handed from thread to thread.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { sharedAddress } from '../../db/connection.ts';
import { SMALL_IMPORTS_CHANNEL } from '../../db/imports/small-imports.ts';
import { createNotify, type Notify } from '../notify.ts';
import type { SlotDeps } from '../work-deps.ts';
import { landSmallImports, MOST_AT_ONCE, type LeftImport } from './land-small.ts';

/** How long the next may take to come. */
const LINGER_MS = 200;
/** After so long it does not listen for another: a worker that stops must not wait for a stream to end. */
const STINT_MS = 1000;
/** How long a group may gather while there is a stream of them. */
const GATHER_MS = 15;

/**
 * Lands small imports that wait, and those that come soon after. Comes back when none has come for `lingerMs`, after a second of them,
 * or as soon as there is one that cannot be ended here. Whoever calls it listens too, and calls again when more have come.
 * @returns those that the queue must be told of
 */
export async function landSmallStream(deps: SlotDeps, lingerMs = LINGER_MS): Promise<readonly LeftImport[]> {
  const first = await landSmallImports(deps);
  if (first.taken === 0 || first.left.length > 0) return first.left;
  // The session behind a pooler is another's when a notification comes.
  if (sharedAddress(deps.settings).isShared === true) return [];
  const more = createNotify();
  const client = deps.db.$client as pg.ClientBase;
  client.on('notification', more.notify);
  try {
    await client.query(`LISTEN ${SMALL_IMPORTS_CHANNEL}`);
    // Some may have come before we listened.
    more.notify();
    return await landMore(deps, more, lingerMs);
  } finally {
    client.off('notification', more.notify);
    // A connection that is lost listens no more.
    await client.query(`UNLISTEN ${SMALL_IMPORTS_CHANNEL}`).catch(() => undefined);
  }
}

async function landMore(deps: SlotDeps, more: Notify, lingerMs: number): Promise<readonly LeftImport[]> {
  const end = performance.now() + STINT_MS;
  while (performance.now() < end && (await more.notified(lingerMs))) {
    const { taken, left } = await landSmallImports(deps);
    if (left.length > 0) return left;
    // Where several come at a time more are on their way: together they cost less.
    if (taken > 1) await sleep(GATHER_MS);
    if (taken === MOST_AT_ONCE) more.notify();
  }
  return [];
}
