// What the task `fetch-file` does: a file on the web becomes an import.
import { basename } from 'node:path';
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
import { NonRetryable, type TaskContext } from '../task-context.ts';

export interface ReceiveDeps {
  readonly rules: HttpRules;
  readonly intake: IntakeDeps;
  /** UUID v7. */
  readonly newId: () => string;
}

export interface FileOnTheWeb {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly dataset: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
}

/** @returns the import, also when an earlier attempt has made it @throws NonRetryable for what another attempt would not mend */
export async function receiveUrl(
  { rules, intake: deps, newId }: ReceiveDeps,
  { url, headers = {}, dataset, options = {}, timeoutMs = LONGEST_REQUEST_MS }: FileOnTheWeb,
  ctx: TaskContext,
): Promise<{ readonly importId: string }> {
  // Fixed before the file comes, so that a later attempt finds the import that an earlier one has made.
  const importId = await ctx.step('import id', newId);
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
