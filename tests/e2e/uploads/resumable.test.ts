// A large file over a line that is cut again and again, sent by a client of tus that others have written.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tus from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { spawnSluice } from '../../support/processes.ts';
import { startS3 } from '../../support/s3.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { openTcpGate, type TcpGate } from '../../support/tcp-gate.ts';
import { waitFor } from '../../support/wait-for.ts';

const MIB = 1024 * 1024;
/** SLUICE_TEST_UPLOAD_MB=1000 sends a gigabyte. */
const LARGE_BYTES = Number(process.env['SLUICE_TEST_UPLOAD_MB'] ?? '32') * MIB;
const CUTS = 10;
const PEOPLE: Dataset = {
  name: 'people',
  schema: {
    fields: [
      { name: 'no', type: 'integer' },
      { name: 'name', type: 'string' },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'people' },
};

interface LargeFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-resumable-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function largeFile(size: number): Promise<LargeFile> {
  const path = join(folder, 'people.csv');
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  let written = 0;
  let row = 0;
  for (let text = 'no,name,note\n'; written < size; text = '') {
    for (let no = 0; no < 20_000; no++) text += `${++row},name ${row},${'x'.repeat(row % 90)}\n`;
    hash.update(text);
    written += (await file.write(text)).bytesWritten;
  }
  await file.close();
  return { path, bytes: written, sha256: hash.digest('hex'), rows: row };
}

/** Sends the file through the gate, as people who use tus do. */
function send(
  { path, bytes }: LargeFile,
  gate: TcpGate,
  sluice: Sluice,
): { done: Promise<string>; upload: tus.Upload } {
  let upload: tus.Upload;
  const done = new Promise<string>((resolve, reject) => {
    upload = new tus.Upload(createReadStream(path), {
      endpoint: `${gate.url.replace(/\/$/, '')}/v1/uploads/resumable`,
      uploadSize: bytes,
      chunkSize: Infinity,
      retryDelays: Array.from({ length: 200 }, () => 100),
      headers: { authorization: `Bearer ${sluice.key}` },
      metadata: { filename: 'people.csv', filetype: 'text/csv' },
      onError: reject,
      onSuccess: () => resolve(upload.url!.split('/').at(-1)!),
    });
    upload.start();
  });
  return { done, upload: upload! };
}

interface Shown {
  readonly bytes: number;
  readonly sha256: string;
  readonly fileName: string;
}

async function shown(sluice: Sluice, id: string): Promise<Shown> {
  const answer = await sluice.fetch(`/v1/uploads/${id}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json()) as Shown;
}

const offsetOf = async (sluice: Sluice): Promise<number> =>
  Number(
    (await sluice.database.pool.query<{ received: string }>('SELECT received FROM sluice.resumable_uploads'))
      .rows[0]?.received ?? 0,
  );

describe.each<['a folder' | 'S3', number]>([
  ['a folder', LARGE_BYTES],
  ['S3', 30 * MIB],
])('with its files in %s', (where, size) => {
  it(`a file whose connection is cut ${CUTS} times is one file with the same bytes`, async () => {
    const file = await largeFile(size);
    const { bytes, sha256 } = file;
    const s3 = where === 'S3' ? await startS3() : undefined;
    const sluice = await startSluice({ datasets: [], env: s3?.env ?? {} });
    const gate = await openTcpGate(sluice.url);
    try {
      const cuts = gate.cutAfter(Math.floor(bytes / (CUTS + 2)), CUTS);
      const { done } = send(file, gate, sluice);
      const id = await done;
      expect(cuts()).toBe(CUTS);
      expect(await shown(sluice, id)).toMatchObject({ bytes, sha256, fileName: 'people.csv' });
      const { rows } = await sluice.database.pool.query(
        'SELECT count(*)::int AS uploads, (SELECT count(*)::int FROM sluice.resumable_uploads) AS unfinished FROM sluice.uploads',
      );
      expect(rows).toEqual([{ uploads: 1, unfinished: 0 }]);
    } finally {
      await gate.shut();
      await sluice.stop();
      await s3?.stop();
    }
  });
});

it('an API that is killed in the middle loses what it had not written down, and no more', async () => {
  // More than has come in by the time the first piece is written down.
  const file = await largeFile(2 * LARGE_BYTES);
  const { path, bytes, sha256 } = file;
  const sluice = await startSluice({ datasets: [] });
  const gate = await openTcpGate(sluice.url);
  let second: TcpGate | undefined;
  try {
    const { done, upload } = send(file, gate, sluice);
    done.catch(() => undefined);
    const before = await waitFor(async () => offsetOf(sluice), { what: 'a piece to be written down' });
    sluice.api.kill('SIGKILL');
    await sluice.api.exited;
    await upload.abort();
    await gate.shut();
    const after = await offsetOf(sluice);
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after).toBeLessThan(bytes);

    const { url } = await sluice.startApi();
    second = await openTcpGate(url);
    const path2 = new URL(upload.url!).pathname;
    const id = await new Promise<string>((resolve, reject) => {
      const resumed = new tus.Upload(createReadStream(path), {
        uploadUrl: `${second!.url.replace(/\/$/, '')}${path2}`,
        uploadSize: bytes,
        chunkSize: 64 * MIB,
        retryDelays: [100, 100],
        headers: { authorization: `Bearer ${sluice.key}` },
        onError: reject,
        onSuccess: () => resolve(path2.split('/').at(-1)!),
      });
      resumed.start();
    });
    const answer = await fetch(`${url}/v1/uploads/${id}`, {
      headers: { authorization: `Bearer ${sluice.key}` },
    });
    expect(await answer.json()).toMatchObject({ bytes, sha256 });
  } finally {
    await gate.shut();
    await second?.shut();
    await sluice.stop();
  }
});

it('`sluice import` goes on by itself each time the network was away, and imports the file once', async () => {
  const { path, bytes, sha256, rows } = await largeFile(66 * MIB);
  const sluice = await startSluice({ datasets: [PEOPLE] });
  const gate = await openTcpGate(sluice.url);
  try {
    await sluice.startWorker();
    const cuts = gate.cutAfter(bytes / 5, 3);
    const command = spawnSluice(['import', path, '-d', 'people', '--watch', '--json'], {
      env: { SLUICE_URL: gate.url, SLUICE_API_KEY: sluice.key, npm_command: undefined },
      cwd: folder,
    });
    expect((await command.exited).code, command.output()).toBe(0);
    expect(cuts()).toBe(3);
    expect(command.output()).toMatch(/Going on where it was/);
    const { rows: landed } = await sluice.database.pool.query(
      'SELECT count(*)::int AS rows, count(DISTINCT import_id)::int AS imports FROM people',
    );
    expect(landed).toEqual([{ rows, imports: 1 }]);
    const left = await sluice.database.pool.query(
      'SELECT (SELECT count(*)::int FROM sluice.uploads) AS kept, (SELECT count(*)::int FROM sluice.resumable_uploads) AS unfinished, (SELECT sha256 FROM sluice.imports)',
    );
    expect(left.rows).toEqual([{ kept: 0, unfinished: 0, sha256 }]);
  } finally {
    await gate.shut();
    await sluice.stop();
  }
});
