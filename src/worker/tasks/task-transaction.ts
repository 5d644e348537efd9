// `ctx.db`: a transaction that begins with its first statement and ends with the attempt.
import type pg from 'pg';
import { isUnavailable } from '../../db/errors.ts';
import type { TaskTransaction } from '../../tasks/task-context.ts';

export interface TaskConnection {
  readonly client: pg.ClientBase;
  /** @param broken it is closed, and not used again */
  readonly release: (broken?: boolean) => void;
}

export interface AttemptTransaction extends TaskTransaction {
  /** Its connection when it has begun. */
  client(): Promise<pg.ClientBase>;
  hasBegun(): boolean;
  /** Whether Postgres went away while it was used: the attempt could not help that. */
  wasLost(): boolean;
  commit(): Promise<void>;
  /** Harmless when it has ended, or never begun. */
  rollBack(): Promise<void>;
}

/** A connection of a pool, for one attempt. */
export async function connectTask(pool: pg.Pool): Promise<TaskConnection> {
  const client = await pool.connect();
  return { client, release: (broken) => client.release(broken) };
}

/** @param connect gives a connection and takes it back */
export function openTransaction(connect: () => Promise<TaskConnection>): AttemptTransaction {
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
    if (isOver) throw new Error('The attempt has ended, and its transaction with it.');
    return (await (begun ??= begin())).client;
  };
  return {
    query: (text, values) =>
      noting(async () => (await client()).query(text, values === undefined ? undefined : [...values])),
    client: () => noting(client),
    hasBegun: () => begun !== undefined,
    wasLost: () => isLost,
    commit: () => noting(() => end('COMMIT')),
    rollBack: () => end('ROLLBACK').catch(() => undefined),
  };
}
