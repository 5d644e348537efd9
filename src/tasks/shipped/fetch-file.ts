import { basename } from 'node:path';
import { Type } from 'typebox';
import type { Sender } from '../../intake/record-import.ts';
import { findImportView } from '../../db/imports/import-views.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { receiveFile } from '../../intake/receive-file.ts';
import { CollectedOptions, readOptions, type UploadOptions } from '../../intake/upload-options.ts';
import { importFolder } from '../../storage/keys.ts';
import { AppError } from '../../errors.ts';
import { LONGEST_REQUEST_MS, openSafely, type HttpRules } from '../http/request-safely.ts';
import { refusal } from '../http/refusal.ts';
import { defineTask, type Task } from '../define-task.ts';
import { NonRetryable } from '../task-context.ts';

/** What makes imports of files; only the thread of I/O tasks has it. */
export interface Intake {
  /** Opened when the first task needs it. */
  readonly deps: () => IntakeDeps;
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
    async ({ url, headers = {}, dataset, options = {}, timeoutMs = LONGEST_REQUEST_MS }, ctx) => {
      if (intake === undefined) throw new Error('This process takes no files in.');
      const deps = intake.deps();
      // Fixed before the file comes, so that a later attempt finds the import that an earlier one has made.
      const importId = await ctx.step('import id', intake.newId);
      if ((await findImportView(deps.database.pool, importId)) !== undefined) return { importId };
      await deps.storage.removeFolder(importFolder(importId));
      const read = readSaid(deps, { fileName: nameOf(url), ...options, dataset });
      const answer = await openSafely(rules, { method: 'GET', url, headers, timeoutMs, signal: ctx.signal });
      try {
        if (answer.status !== 200) throw refusal(answer, `GET ${url}`, 'no file');
        await receiveFile(deps, {
          importId,
          source: answer.body as AsyncIterable<Buffer>,
          options: read,
          sender: await senderOf(deps, ctx.id),
        });
      } catch (error) {
        throw error instanceof AppError && error.status < 500 ? new NonRetryable(error.message) : error;
      } finally {
        answer.body.destroy();
      }
      return { importId };
    },
  );
}

/** @throws NonRetryable that says which option is wrong */
function readSaid(deps: IntakeDeps, said: Readonly<Record<string, unknown>>): UploadOptions {
  try {
    const collected = new CollectedOptions();
    for (const [name, value] of Object.entries(said)) {
      const added = value === undefined ? undefined : collected.add(name, value);
      if (added !== undefined) judgeOption(deps, added.name, added.text);
    }
    return readOptions(collected.texts);
  } catch (error) {
    throw error instanceof AppError ? new NonRetryable(error.message) : error;
  }
}

function nameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  try {
    return basename(decodeURIComponent(new URL(url).pathname)) || undefined;
  } catch {
    return undefined;
  }
}

/** Whoever has asked for the task; null for one that came by SQL. */
async function senderOf({ database }: IntakeDeps, taskId: string): Promise<Sender | null> {
  const { rows } = await database.pool.query<Sender>(
    'SELECT u.id, u.name FROM sluice.tasks t JOIN sluice.users u ON u.id = t.created_by WHERE t.id = $1',
    [taskId],
  );
  return rows[0] ?? null;
}
