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

/** Makes an import of a file that is on the web, or of each file in the inbox. It waits for nothing: an import is a task of its own. */
export function fetchFile(rules: HttpRules, intake: Intake | undefined): Task {
  return defineTask(
    {
      name: 'fetch-file',
      description:
        'Fetches a file from a URL, or the new files of the inbox whose paths begin with a prefix, and makes an import of each, as POST /v1/imports would. The result says which.',
      retries: 5,
      args: Type.Object(
        {
          url: Type.Optional(Type.String({ maxLength: 8000, description: 'http or https.' })),
          prefix: Type.Optional(
            Type.String({
              maxLength: 1000,
              description:
                'In place of `url`: what the paths of files in the inbox (SLUICE_INBOX_DIR) begin with, such as `nightly/customers-`. Each version of a file is taken once for a dataset.',
            }),
          ),
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
        {
          additionalProperties: false,
          // One of them, and not both.
          oneOf: [{ required: ['url'] }, { required: ['prefix'] }],
        },
      ),
      result: Type.Union([
        Type.Object({ importId: Type.String() }),
        Type.Object({
          imports: Type.Array(Type.Object({ file: Type.String(), importId: Type.String() })),
        }),
      ]),
    },
    async ({ url, prefix, headers, timeoutMs, ...said }, ctx) => {
      if (intake === undefined) throw new Error('This process takes no files in.');
      // All that reads files is loaded by the first task that needs it: most workers never do.
      const deps = { intake: await intake.deps(), newId: intake.newId };
      if (prefix !== undefined) {
        const { receiveInbox } = await import('./receive-inbox.ts');
        return receiveInbox(deps, { prefix, ...said }, ctx);
      }
      const { receiveUrl } = await import('./receive-url.ts');
      const file = { url: url!, ...said, ...(headers && { headers }), ...(timeoutMs && { timeoutMs }) };
      return receiveUrl({ rules, ...deps }, file, ctx);
    },
  );
}
