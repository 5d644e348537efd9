// Follows an import to its end, with a progress bar where there is a terminal.
import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { isFinal } from '../../core/tasks/task-status.ts';
import { EXIT } from '../exit-codes.ts';
import { commandName, say, sayJson } from '../print.ts';
import { POLL_MS, WATCH_PATIENCE_MS, type ApiClient } from './client.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { summary } from './import-text.ts';

/** How what a command has started is followed and told. */
export interface FollowOptions {
  readonly watch?: boolean;
  /** Watches too. */
  readonly failOnRejects?: boolean;
  readonly json?: boolean;
}

/** Work that nobody has taken for so long is worth a word. */
const UNTAKEN_MS = 5000;

/** Tells of an import that was just made; when asked to, waits for its end. @returns the exit code */
export async function follow(
  client: ApiClient,
  sent: ImportJson,
  { watch = false, failOnRejects = false, json = false }: FollowOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  if (!watch && !failOnRejects) {
    if (json) sayJson(out, sent);
    else say(out, `Import ${sent.id} is ${sent.status}. Follow it: ${commandName()} show ${sent.id} --watch`);
    return EXIT.done;
  }
  const ended = await watchImport(client, sent.id, json ? undefined : out);
  if (json) sayJson(out, ended);
  else say(out, summary(ended));
  if (ended.status !== 'succeeded') return EXIT.failed;
  return failOnRejects && ended.counts.rejected > 0 ? EXIT.rejects : EXIT.done;
}

/** @param out where the bar goes; none is shown without it */
async function watchImport(
  client: ApiClient,
  id: string,
  out: NodeJS.WriteStream | undefined,
): Promise<ImportJson> {
  const bar = out === undefined ? undefined : openBar(out);
  const word = createWord(Date.now() + UNTAKEN_MS);
  try {
    for (;;) {
      const now: ImportJson = await client.json(importPath(id), { patienceMs: WATCH_PATIENCE_MS });
      bar?.show(now);
      if (isFinal(now.status)) return now;
      const said = word(now);
      if (said !== undefined) say(process.stderr, `\n${said}`);
      await sleep(POLL_MS);
    }
  } finally {
    bar?.stop();
  }
}

/** What keeps the work from going on, each reason once. */
function createWord(untakenAt: number): (now: ImportJson) => string | undefined {
  let last: string | undefined;
  return ({ status, waitingFor }) => {
    const isUntaken = status === 'queued' && Date.now() > untakenAt;
    const word = waitingFor === null ? (isUntaken ? untaken() : undefined) : `It waits for ${waitingFor}.`;
    if (word === undefined || word === last) return undefined;
    return (last = word);
  };
}

function untaken(): string {
  return `No worker has taken the work for ${UNTAKEN_MS / 1000} s: no worker runs, or all are busy. See "${commandName()} status"; start one with "${commandName()} worker". The work waits and nothing is lost.`;
}

function openBar(out: NodeJS.WriteStream) {
  const bar = new SingleBar({
    stream: out,
    format: '{bar} {percentage}% | {rows} rows | {rate} rows/s | {eta_s} s to go',
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(1, 0, { rows: 0, rate: '–', eta_s: '–' });
  return {
    show: ({ progress }: ImportJson) => {
      bar.setTotal(Math.max(1, progress?.bytesTotal ?? 1));
      bar.update(progress?.bytesDone ?? 0, {
        rows: progress?.rowsDone ?? 0,
        rate: progress?.rowsPerSecond ?? '–',
        eta_s: progress?.etaSeconds ?? '–',
      });
    },
    stop: () => {
      bar.stop();
    },
  };
}
