// The tasks `change-records` and `delete-records`: all records of a filter, in one transaction that commits with the end of the task. A
// worker that is killed, and a cancel, leave all of them as they were.
import { Type } from 'typebox';
import { CHANGE_RECORDS, DELETE_RECORDS } from '../../core/records/record-request.ts';
import { defineTask, type Task } from '../define-task.ts';

const Args = Type.Object(
  {
    dataset: Type.String({ description: 'Whose records.' }),
    request: Type.String({
      description: 'What `PATCH` or `DELETE` of the records has kept: the id of the first task of it.',
    }),
    maxAffected: Type.Integer({ minimum: 1, description: 'When the filter has more, nothing is changed.' }),
  },
  { additionalProperties: false },
);
const Result = Type.Object({ matched: Type.Integer(), changed: Type.Integer() });
const RETRIES = 5;

export interface ChangeSettings {
  readonly maxCellBytes: number;
}

export function changeManyTasks(settings: ChangeSettings): Task[] {
  const define = (name: typeof CHANGE_RECORDS | typeof DELETE_RECORDS, description: string): Task =>
    defineTask({ name, description, retries: RETRIES, args: Args, result: Result }, async (args, ctx) => {
      // Most workers never need it.
      const { changeMatching, deleteMatching } = await import('./change-matching.ts');
      return name === CHANGE_RECORDS ? changeMatching(settings, args, ctx) : deleteMatching(args, ctx);
    });
  return [
    define(CHANGE_RECORDS, 'Gives all records of a filter the same values: `PATCH …/records` makes it.'),
    define(DELETE_RECORDS, 'Deletes all records of a filter: `DELETE …/records` makes it.'),
  ];
}
