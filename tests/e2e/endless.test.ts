// Files without an end in sight take no memory: `npm run bench -- --only endless` at a size for every day.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { PEOPLE } from '../support/uploads.ts';

const MB = 1_000_000;
const FILE_MB = 160;
/** Buffers of the stream and what the collector has not looked at yet; half the file would be more. */
const MOST_GROWTH_MB = 79;

const FILLER = Buffer.alloc(MB, 'x');
const RECORDS = Buffer.from(`${'Ann,'.padEnd(999, 'x')}\n`.repeat(1000));

async function* file(before: string, middle: Buffer, behind: string): AsyncGenerator<Buffer> {
  yield Buffer.from(`name,filler\nfirst,x\n${before}`);
  for (let mb = 0; mb < FILE_MB; mb++) yield middle;
  yield Buffer.from(`${behind}last,x\n`);
}

async function peakMb({ pid }: TestProcess): Promise<number> {
  return Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) / 1000;
}

describe.skipIf(process.platform !== 'linux')('memory stays flat', () => {
  let sluice: Sluice;
  let worker: TestProcess;

  beforeAll(async () => {
    sluice = await startSluice({ datasets: [PEOPLE] });
    worker = await sluice.startWorker();
    await land('name\nwarm-up\n');
  });
  afterAll(() => sluice.stop());

  async function land(body: string | ReadableStream): Promise<Readonly<Record<string, unknown>> | null> {
    const answer = await sluice.fetch('/v1/imports?dataset=people&unknownColumns=ignore', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
      duplex: 'half',
    });
    const { id } = (await answer.json()) as { id: string };
    return (await sluice.ended(id, 120_000)).result;
  }

  it.each([
    ['one line', '', FILLER, ',x\n', 2],
    ['one quoted line', '"', FILLER, '",x\n', 2],
    ['a quote that is never closed', '"open,x\n', RECORDS, '', 2 + FILE_MB * 1000],
  ])('for %s', async (_what, before, middle, behind, loaded) => {
    const processes = [sluice.api, worker];
    const peaks = await Promise.all(processes.map(peakMb));
    const result = await land(ReadableStream.from(file(before, middle, behind)));
    expect(result).toMatchObject({ records: loaded + 1, loaded, rejected: 1 });
    const grown = (await Promise.all(processes.map(peakMb))).map((peak, at) => peak - peaks[at]!);
    expect(Math.max(...grown), `API and worker grew by ${grown.join(' and ')} MB`).toBeLessThan(
      MOST_GROWTH_MB,
    );
  });
});
