// Why a task may fail: the one list of codes, by the name of the task; `task` is for all that are made with defineTask.

export const TASK_ERROR_CODES = {
  import: [
    /** The file has more records than SLUICE_MAX_ROWS. */
    'too-many-rows',
    /** More records were rejected than `maxErrors` allows. */
    'too-many-errors',
    /** Of a replace: no record was good, so that nothing would be left in the table. */
    'nothing-to-load',
    /** Of a replace: rows of the table could not be removed. */
    'not-replaced',
    /** Of a table that exists: it is not what it was when its dataset was applied. */
    'table-altered',
    /** Of the commit of a dry run: the table changed after the dry run. */
    'table-changed',
    /** The file could not be cut into chunks, after all attempts. */
    'plan-failed',
    /** A chunk could not be loaded, after all attempts; `chunkNo` says which. */
    'chunk-failed',
    /** Staged rows could not be published, after all attempts. */
    'publish-failed',
    /** A cancel could not take the rows back. */
    'rollback-failed',
  ],
  undo: [
    /** The rows could not be taken back, after all attempts. */
    'undo-failed',
    /** A cancel could not end it. */
    'rollback-failed',
  ],
  task: [
    /** It threw, in each of its attempts. */
    'task-failed',
    /** Its last attempt took longer than its time limit. */
    'timed-out',
    /** Its arguments are not those its definition describes. */
    'invalid-args',
    /** What it gave is no JSON, not what its definition describes, or larger than SLUICE_MAX_RESULT_BYTES. */
    'invalid-result',
    /** The worker that ran it was lost: more often than SLUICE_MOST_LOST, or it must not be run twice. */
    'worker-lost',
  ],
} as const;

export type TaskErrorCode = (typeof TASK_ERROR_CODES)[keyof typeof TASK_ERROR_CODES][number];
