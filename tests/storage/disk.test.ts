import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { createDiskStorage } from '../../src/storage/disk.ts';
import { describeStorage } from './contract.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice storage '));
  folders.push(folder);
  return folder;
}

describeStorage('a folder', async () => createDiskStorage(await newFolder()));

it('leaves no partial file beside the key when a write fails', async () => {
  const folder = await newFolder();
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(100_000);
    throw new Error('cut');
  }
  await expect(createDiskStorage(folder).write('imports/x', Readable.from(broken()))).rejects.toThrow('cut');
  expect(await readdir(join(folder, 'imports'))).toEqual([]);
});
