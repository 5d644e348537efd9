// The task `export-records`: the records of a query become a file in the storage. The file is there when the task has succeeded, and only
// then: its row is written in the transaction that ends the task.
import { Type } from 'typebox';
import type { Config } from '../../config/config.ts';
import { EXPORT_FORMATS, EXPORT_RECORDS } from '../../core/records/record-request.ts';
import type { StorageSettings } from '../../storage/open-storage.ts';
import { defineTask, type Task } from '../define-task.ts';

export type ExportSettings = StorageSettings &
  Pick<
    Config,
    | 'databaseUrl'
    | 'databaseDirectUrl'
    | 'basePath'
    | 'exportHours'
    | 'exportsAtOnce'
    | 'logLevel'
    | 'logFormat'
  >;

const RETRIES = 5;

export function exportTask(settings: ExportSettings): Task {
  return defineTask(
    {
      name: EXPORT_RECORDS,
      description: 'Makes a file of all records of a query: `POST …/records.csv` and the like make it.',
      retries: RETRIES,
      concurrency: { limit: settings.exportsAtOnce },
      args: Type.Object(
        {
          dataset: Type.String({ description: 'Whose records.' }),
          request: Type.String({
            description: 'The query, as the request has kept it: the id of the first task of it.',
          }),
          format: Type.Enum([...EXPORT_FORMATS]),
          raw: Type.Boolean({ description: 'Of a CSV: without the guard against formulas.' }),
        },
        { additionalProperties: false },
      ),
      result: Type.Object({
        records: Type.Integer(),
        bytes: Type.Integer(),
        file: Type.String(),
        expiresAt: Type.String(),
      }),
    },
    async (args, ctx) => {
      // Most workers never need it.
      const { exportRecords } = await import('./export-records.ts');
      return exportRecords(settings, args, ctx);
    },
  );
}
