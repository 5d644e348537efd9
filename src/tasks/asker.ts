import type { Queryable } from '../db/connection.ts';

export interface Asker {
  readonly id: string;
  readonly name: string;
}

/** Whoever has asked for a task; null for one that came by SQL. */
export async function askerOf(client: Queryable, taskId: string): Promise<Asker | null> {
  const { rows } = await client.query<Asker>(
    'SELECT u.id, u.name FROM sluice.tasks t JOIN sluice.users u ON u.id = t.created_by WHERE t.id = $1',
    [taskId],
  );
  return rows[0] ?? null;
}
