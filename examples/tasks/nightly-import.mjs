// A task of your own: fetches a CSV file, checks it as a dry run, and imports it if no record is wrong. docs/schedules.md runs it each night.
// The worker needs SLUICE_TASKS (the folder of this file), SLUICE_URL and SLUICE_API_KEY (of an operator).
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask, NonRetryable, Type } from 'sluice/tasks';

const FINAL = ['succeeded', 'failed', 'cancelled'];

async function ask(path, signal, init = {}) {
  const answer = await fetch(`${process.env.SLUICE_URL}${path}`, {
    ...init,
    signal,
    headers: { authorization: `Bearer ${process.env.SLUICE_API_KEY}`, ...init.headers },
  });
  return { status: answer.status, body: await answer.json() };
}

async function ended(id, signal) {
  for (;;) {
    const { body } = await ask(`/v1/imports/${id}`, signal);
    if (FINAL.includes(body.status)) return body;
    await sleep(500, undefined, { signal });
  }
}

export default defineTask(
  {
    name: 'nightly-import',
    description: 'Fetches a CSV file, checks it, and imports it if no record is wrong.',
    args: Type.Object({ url: Type.String(), dataset: Type.String() }, { additionalProperties: false }),
    retries: 5,
  },
  async ({ url, dataset }, { signal, log }) => {
    const file = await fetch(url, { signal });
    if (!file.ok) throw new Error(`${url} answered ${file.status}`);

    // A file that has landed before is refused: nothing lands twice, also when this task is tried again.
    const query = new URLSearchParams({ dataset, dryRun: 'true', ifDuplicate: 'refuse' });
    const sent = await ask(`/v1/imports?${query}`, signal, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: file.body,
      duplex: 'half',
    });
    if (sent.body.code === 'UPLOAD_DUPLICATE') return { imported: false, because: 'it has landed before' };
    if (sent.status === 503) throw new Error(sent.body.detail);
    if (sent.status !== 202) throw new NonRetryable(sent.body.detail);

    const dryRun = await ended(sent.body.id, signal);
    log(`dry run ${dryRun.id}: ${dryRun.counts.records} records, ${dryRun.counts.rejected} rejected`);
    if (dryRun.status !== 'succeeded' || dryRun.counts.rejected > 0)
      throw new NonRetryable(`${dryRun.counts.rejected} records are wrong: see /v1/imports/${dryRun.id}/errors`);

    const commit = await ask(`/v1/imports/${dryRun.id}/commit`, signal, { method: 'POST' });
    if (commit.status !== 202) throw new Error(commit.body.detail);
    const imp = await ended(commit.body.id, signal);
    if (imp.status !== 'succeeded') throw new NonRetryable(`the import ${imp.id} has ${imp.status}`);
    return { imported: true, importId: imp.id, loaded: imp.counts.loaded };
  },
);
