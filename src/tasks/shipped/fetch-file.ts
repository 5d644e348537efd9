import { Type } from 'typebox';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { LONGEST_REQUEST_MS, type HttpRules } from '../http/request-safely.ts';
import { defineTask, type Task } from '../define-task.ts';

/** What makes imports of files; only the thread of I/O tasks has it. */
export interface Intake {
  /** Opened when the first task needs it. */
  readonly deps: () => Promise<IntakeDeps>;
  /** UUID v7. */
  readonly newId: () => string;
}

/** Makes an import of a file that is somewhere on the web. It waits for nothing: the import is a task of its own. */
export function fetchFile(rules: HttpRules, intake: Intake | undefined): Task {
  return defineTask(
    {
      name: 'fetch-file',
      description:
        'Fetches a file from a URL and makes an import of it, as POST /v1/imports would. The result says which.',
      retries: 5,
      args: Type.Object(
        {
          url: Type.String({ maxLength: 8000, description: 'http or https.' }),
          headers: Type.Optional(
            Type.Record(Type.String(), Type.String(), { description: 'They are kept with the task.' }),
          ),
          dataset: Type.String({ description: 'Where its records land.' }),
          options: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), {
              description: 'Those of an upload, such as `dryRun` or `mode`.',
            }),
          ),
          timeoutMs: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: LONGEST_REQUEST_MS,
              description: 'Until all of the file is there, 600000 if not given.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      result: Type.Object({ importId: Type.String() }),
    },
    async (args, ctx) => {
      if (intake === undefined) throw new Error('This process takes no files in.');
      // All that reads files is loaded by the first task that needs it: most workers never do.
      const { receiveUrl } = await import('./receive-url.ts');
      return receiveUrl({ rules, intake: await intake.deps(), newId: intake.newId }, args, ctx);
    },
  );
}
