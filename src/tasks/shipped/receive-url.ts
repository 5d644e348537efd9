// What the task `fetch-file` does: a file on the web becomes an import.
import { basename } from 'node:path';
import { findImportView } from '../../db/imports/import-views.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { receiveFile } from '../../intake/receive-file.ts';
import { importFolder } from '../../storage/keys.ts';
import { LONGEST_REQUEST_MS, openSafely, type HttpRules } from '../http/request-safely.ts';
import { refusal } from '../http/refusal.ts';
import type { TaskContext } from '../task-context.ts';
import { finalIfDeclined } from '../declined.ts';
import { readSaid, senderOf, type SaidOfFiles } from './receive.ts';

export interface ReceiveDeps {
  readonly rules: HttpRules;
  readonly intake: IntakeDeps;
  /** UUID v7. */
  readonly newId: () => string;
}

export interface FileOnTheWeb extends SaidOfFiles {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
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
    throw finalIfDeclined(error);
  } finally {
    answer.body.destroy();
  }
  return { importId };
}

function nameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  try {
    return basename(decodeURIComponent(new URL(url).pathname)) || undefined;
  } catch {
    return undefined;
  }
}
