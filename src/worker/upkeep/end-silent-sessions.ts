// A worker that is frozen, or cut off, in the middle of a COPY keeps its chunk locked: Postgres waits for the rest without an
// end. Every worker looks for such sessions and ends them, so that the chunk can be taken over; the frozen one, should it wake
// up, finds its transaction gone and its job done by others.
import type { Database } from '../../db/client.ts';
import { endSession, listSilentSessions, type Session } from '../../db/silent-sessions.ts';

/** Looks once. @returns the sessions that were ended */
export type Fence = () => Promise<Session[]>;

/**
 * @param silentMs a session is ended when Postgres has waited for its client so long and nothing of it has moved
 * @param now in ms
 */
export function createFence(db: Database, silentMs: number, now: () => number): Fence {
  /** By session and progress, when it was first seen so: what moves on is new each time. */
  let silentSince = new Map<string, number>();
  return async () => {
    const still = new Map<string, number>();
    const ended: Session[] = [];
    for (const { progress, ...session } of await listSilentSessions(db)) {
      const state = `${session.pid} ${session.startedAt} ${progress}`;
      const since = silentSince.get(state) ?? now();
      if (now() - since < silentMs) still.set(state, since);
      else if (await endSession(db, session)) ended.push(session);
    }
    silentSince = still;
    return ended;
  };
}
