// `ctx.db`: a transaction that begins with its first statement and ends with the attempt.
import type pg from 'pg';
import { isUnavailable } from '../../db/errors.ts';
import { databaseOn, type Tx } from '../../db/transaction.ts';
import type { OwnTransaction } from '../../tasks/own-transaction.ts';

export interface TaskConnection {
  readonly client: pg.ClientBase;
  /** @param broken it is closed, and not used again */
  readonly release: (broken?: boolean) => void;
}

export interface AttemptTransaction extends OwnTransaction {
  /** Its connection when it has begun. */
  client(): Promise<pg.ClientBase>;
  hasBegun(): boolean;
  /** Whether Postgres went away while it was used: the attempt could not help that. */
  wasLost(): boolean;
  commit(): Promise<void>;
  /** Commits what was done; the next use begins another one. */
  commitSoFar(): Promise<void>;
  /** Harmless when it has ended, or never begun. */
  rollBack(): Promise<void>;
}

/** A connection of a pool, for one attempt. */
export async function connectTask(pool: pg.Pool): Promise<TaskConnection> {
  const client = await pool.connect();
  return { client, release: (broken) => client.release(broken) };
}

/**
 * @param connect gives a connection and takes it back
 * @param cancel ends the statement of a session from another one
 */
export function openTransaction(
  connect: () => Promise<TaskConnection>,
  cancel: (processId: number) => Promise<void>,
): AttemptTransaction {
  let inFlight = 0;
  let begun: Promise<TaskConnection> | undefined;
  let isLost = false;
  let isOver = false;

  async function begin() {
    const connection = await connect();
    try {
      await connection.client.query('BEGIN');
    } catch (error) {
      connection.release(true);
      throw error;
    }
    return connection;
  }

  async function noting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      isLost ||= isUnavailable(error);
      throw error;
    }
  }

  async function end(statement: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (begun === undefined || isOver) return;
    isOver = true;
    const { client, release } = await begun;
    try {
      await client.query(statement);
    } catch (error) {
      release(true);
      throw error;
    }
    release();
  }

  const client = async (): Promise<pg.ClientBase> => {
    requireOpen();
    const { client } = await (begun ??= begin());
    // It may have waited for its connection longer than the attempt has lasted.
    requireOpen();
    return client;
  };

  function requireOpen(): void {
    if (isOver) throw new Error('The attempt has ended, and its transaction with it.');
  }
  async function use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const to = await client();
    inFlight += 1;
    try {
      return await work(to);
    } finally {
      inFlight -= 1;
    }
  }

  /** The code that waits for a statement may be given up; a ROLLBACK would stand behind it. */
  async function rollBack(): Promise<void> {
    if (begun !== undefined && !isOver && inFlight > 0) {
      const { processID } = (await begun).client as pg.ClientBase & { readonly processID: number };
      await cancel(processID);
    }
    await end('ROLLBACK');
  }

  return {
    query: (text, values) =>
      noting(() => use((to) => to.query(text, values === undefined ? undefined : [...values]))),
    use: (work) =>
      noting(() =>
        use(async (to) => {
          // As `inTransaction` has it.
          await to.query('SET CONSTRAINTS ALL IMMEDIATE');
          return work(databaseOn(to) as Tx);
        }),
      ),
    client: () => noting(client),
    hasBegun: () => begun !== undefined,
    wasLost: () => isLost,
    commit: () => noting(() => end('COMMIT')),
    commitSoFar: () =>
      noting(async () => {
        await end('COMMIT');
        begun = undefined;
        isOver = false;
      }),
    rollBack: () => rollBack().catch(() => undefined),
  };
}
