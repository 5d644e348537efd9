// What the task `fetch-file` does with a prefix: files of the inbox become imports, each once.
import { seenInInbox, takeFromInbox } from '../../db/imports/inbox-files.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { receiveFile } from '../../intake/receive-file.ts';
import { listInbox, readInbox, type InboxFile } from '../../storage/inbox.ts';
import { NonRetryable, type TaskContext } from '../task-context.ts';
import { finalIfDeclined, isDeclined } from '../declined.ts';
import { readSaid, senderOf, type SaidOfFiles } from './receive.ts';

export interface ReceiveInboxDeps {
  readonly intake: IntakeDeps;
  /** UUID v7. */
  readonly newId: () => string;
}

export interface FilesOfInbox extends SaidOfFiles {
  /** What their paths begin with. */
  readonly prefix: string;
}

export interface TakenImports {
  /** One for each file that this task has taken, by path. */
  imports: { file: string; importId: string }[];
}

/** How many of the files that were declined the task's error names. */
const MOST_NAMED = 10;

/** Another task was quicker. */
class TakenMeanwhile extends Error {}

/**
 * One file after the other. A file is taken once for a dataset, and again when it has changed; the inbox itself stays as it is.
 * @throws NonRetryable that names the files which were declined, when all others have become imports
 */
export async function receiveInbox(
  { intake: deps, newId }: ReceiveInboxDeps,
  said: FilesOfInbox,
  ctx: TaskContext,
): Promise<TakenImports> {
  const { inboxDir, inboxSettleMs } = deps.config;
  if (inboxDir === '')
    throw new NonRetryable('There is no inbox: the operator sets its folder (SLUICE_INBOX_DIR).');
  readSaid(deps, { ...said.options, dataset: said.dataset });
  const files = await listInbox(inboxDir, said.prefix, inboxSettleMs).catch((error: unknown) => {
    throw finalIfDeclined(error);
  });
  const seen = await seenInInbox(
    deps.database.db,
    said.dataset,
    files.map(({ path }) => path),
  );
  const isNew = ({ path, version }: InboxFile) =>
    !seen.some((each) => each.path === path && each.version === version);
  // Those of an earlier attempt of this task are its own too.
  const imports = seen
    .filter(({ taskId }) => taskId === ctx.id)
    .map(({ path, importId }) => ({ file: path, importId }));
  const declined: string[] = [];
  for (const file of files.filter(isNew)) {
    ctx.signal.throwIfAborted();
    const importId = newId();
    try {
      await receive(deps, said, file, importId, ctx.id);
      imports.push({ file: file.path, importId });
      ctx.progress({ done: imports.length });
    } catch (error) {
      if (error instanceof TakenMeanwhile) continue;
      if (!isDeclined(error)) throw error;
      ctx.log(`${file.path} was declined: ${error.message}`, 'warn');
      declined.push(`${file.path}: ${error.message}`);
    }
  }
  if (declined.length > 0) throw new NonRetryable(declinedText(declined, imports.length));
  return { imports };
}

async function receive(
  deps: IntakeDeps,
  { dataset, options = {} }: FilesOfInbox,
  file: InboxFile,
  importId: string,
  taskId: string,
): Promise<void> {
  await receiveFile(deps, {
    importId,
    source: readInbox(deps.config.inboxDir, file),
    options: readSaid(deps, { fileName: file.path.split('/').at(-1), ...options, dataset }),
    sender: await senderOf(deps, taskId),
    together: async (tx) => {
      if (!(await takeFromInbox(tx, dataset, { ...file, importId, taskId }))) throw new TakenMeanwhile();
    },
  });
}

function declinedText(declined: readonly string[], taken: number): string {
  const named = declined.slice(0, MOST_NAMED).join(' ');
  const more = declined.length > MOST_NAMED ? ` And ${declined.length - MOST_NAMED} more.` : '';
  return `Declined: ${named}${more} ${taken === 0 ? 'No other file was new.' : `The others (${taken}) are imports now.`} Mend or remove what was declined; it is tried again the next time.`;
}
