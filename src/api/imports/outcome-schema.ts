// How far an import has come and what became of its records, as JSON: status, progress, counts, errors, and what an undo did.
import { Type } from '@fastify/type-provider-typebox';
import { TASK_ERROR_CODES, type TaskErrorCode } from '../../core/tasks/task-errors.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { component } from '../http/components.ts';
import { choice, Count, Id, nullable } from '../http/schemas.ts';

export const StatusName = component(
  'TaskStatus',
  choice(
    TASK_STATUSES,
    'queued → running → succeeded | failed | cancelled (via cancelling). The last three are final.',
  ),
);

export const WaitingFor = Type.String({
  description:
    'What it waits for outside of Sluice, such as a lock that another program holds on the table. Null while it works.',
  examples: ['a lock on people, held by pid 4711 (psql) since 2026-11-28T07:00:00.000Z'],
});

export const ProgressSchema = component(
  'ImportProgress',
  Type.Object(
    {
      bytesDone: Count('Bytes of records landed or rejected so far.'),
      bytesTotal: Count('Bytes of records in the file (as UTF-8, without the header).'),
      rowsDone: Count('Records landed or rejected so far.'),
      rowsTotal: nullable(Count('Records in the file; null until it has been scanned.')),
      chunksDone: Count('Chunks done.'),
      chunksTotal: nullable(Count('Chunks in all; null until the file has been scanned.')),
      rowsPerSecond: nullable(Count('Average from the start to the last chunk done.')),
      etaSeconds: nullable(Count('Seconds to go at that rate.')),
    },
    {
      examples: [
        {
          bytesDone: 41943040,
          bytesTotal: 104857600,
          rowsDone: 400000,
          rowsTotal: 1000000,
          chunksDone: 10,
          chunksTotal: 25,
          rowsPerSecond: 210000,
          etaSeconds: 3,
        },
      ],
    },
  ),
);

/** Why a task has failed; the name says of which tasks the codes are. */
const errorOf = (name: string, codes: readonly TaskErrorCode[]) =>
  component(
    name,
    Type.Object(
      {
        code: Type.Unsafe<TaskErrorCode>(choice(codes, 'What a program may branch on.')),
        message: Type.String({ description: 'Why it failed, and where.' }),
        chunkNo: Type.Optional(
          Type.Integer({ description: 'The chunk that could not be loaded, from 0; of `chunk-failed`.' }),
        ),
      },
      { description: 'Why it failed.' },
    ),
  );

export const ImportErrorSchema = errorOf('ImportError', TASK_ERROR_CODES.import);
export const UndoErrorSchema = errorOf('UndoError', TASK_ERROR_CODES.undo);

export const CountsSchema = component(
  'ImportCounts',
  Type.Object(
    {
      records: nullable(Count('Records in the file; null until it has been scanned.')),
      inserted: Count('Records that became rows.'),
      updated: Count('Records whose row was there and has changed.'),
      unchanged: Count('Records whose row was already as in the file; it was not written.'),
      superseded: Count('Records of an upsert whose key comes again later in the file; the last one counts.'),
      rejected: Count('Records that did not land; see /errors and /rejects.csv.'),
      unprocessed: nullable(
        Count(
          'Records that neither landed nor were rejected: not yet, or, at the end, not at all. Null as `records` is.',
        ),
      ),
      loaded: Count('inserted + updated + unchanged: the records that are in the table.'),
      deleted: Count('Rows that a replace took out.'),
      errors: Count('Row errors; a record may have several.'),
    },
    {
      description:
        'Always exact: inserted + updated + unchanged + superseded + rejected + unprocessed = records. For a dry run: what would happen.',
      examples: [
        {
          records: 1000,
          inserted: 998,
          updated: 0,
          unchanged: 0,
          superseded: 0,
          rejected: 2,
          unprocessed: 0,
          loaded: 998,
          deleted: 0,
          errors: 3,
        },
      ],
    },
  ),
);

export const UndoResultSchema = component(
  'UndoResult',
  Type.Object(
    {
      deleted: Count('Rows deleted.'),
      changed: Count('Rows kept, because they or a row they are linked to were changed since.'),
      held: Count('Rows kept, because a later upsert found them unchanged, so they are its rows too.'),
      referenced: Count(
        'Rows kept, because a row of another table, or a kept row of the same table, refers to them.',
      ),
      gone: Count(
        'Rows that were no longer there, or had lost their `import_id`. They are not in unprocessed.csv.',
      ),
      references: Type.Array(
        component(
          'KeptReference',
          Type.Object({
            row: Type.Integer({ description: 'The record in the file.' }),
            id: Id('Of the row.'),
            referencedBy: Type.String({ description: 'The table that refers to it.' }),
          }),
        ),
        { description: 'The first 100 of those referenced.' },
      ),
    },
    { description: 'What an undo has deleted and kept.' },
  ),
);

export const UndoSchema = component(
  'ImportUndo',
  Type.Object(
    {
      taskId: Id('The task that takes the rows back.'),
      status: StatusName,
      result: nullable(UndoResultSchema),
      error: nullable(UndoErrorSchema),
    },
    {
      description:
        'The newest undo that was asked for. Once it has succeeded, `counts` are without the rows taken back, which are `unprocessed` then.',
    },
  ),
);

/** The times of a task as text; null stays null. */
export function toTimes(view: Pick<TaskView, 'createdAt' | 'startedAt' | 'finishedAt'>) {
  return {
    createdAt: view.createdAt.toISOString(),
    startedAt: view.startedAt?.toISOString() ?? null,
    finishedAt: view.finishedAt?.toISOString() ?? null,
  };
}
