import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
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

it.each([0o000, 0o022])('is for its owner alone, with a umask of %o too', async (umask) => {
  const folder = join(await newFolder(), 'storage');
  const before = process.umask(umask);
  try {
    const storage = createDiskStorage(folder);
    await storage.check();
    await storage.write('imports/a/upload.csv', Readable.from(['text']));
    await storage.copy('imports/a/upload.csv', 'imports/b/upload.csv');
    const modes: Record<string, string> = {};
    // While it is written, too.
    async function* watched(): AsyncGenerator<Buffer> {
      yield Buffer.from('text');
      for (const name of await readdir(folder, { recursive: true }))
        modes[name.replace(/[^.]+\.part$/, '….part')] = (
          (await stat(join(folder, name))).mode & 0o777
        ).toString(8);
    }
    await storage.write('imports/a/rejects/0.jsonl', Readable.from(watched()));
    expect(modes).toEqual({
      imports: '700',
      'imports/a': '700',
      'imports/b': '700',
      'imports/a/rejects': '700',
      'imports/a/upload.csv': '600',
      'imports/b/upload.csv': '600',
      'imports/a/rejects/0.jsonl.….part': '600',
    });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  } finally {
    process.umask(before);
  }
});

it('lists a folder with a file that is gone by the time it is looked at', async () => {
  const folder = await newFolder();
  await mkdir(join(folder, 'imports', 'a'), { recursive: true });
  // As a `.part` that has got its name meanwhile: it has a name in the folder, and nothing is there.
  await symlink('nowhere', join(folder, 'imports', 'a', 'upload.csv.1.part'));
  const keys: string[] = [];
  for await (const { key } of createDiskStorage(folder).listFolders('imports/')) keys.push(key);
  expect(keys).toEqual(['imports/a/']);
});

it('removes the parts of writes whose process died, and nothing else', async () => {
  const folder = await newFolder();
  const storage = createDiskStorage(folder);
  expect(await storage.removeUnfinished(new Date())).toBe(0);
  await storage.write('imports/a/upload.csv', Readable.from(['x']));
  const rejects = join(folder, 'imports', 'a', 'rejects');
  await mkdir(rejects);
  for (const name of ['old.jsonl.1.part', 'growing.jsonl.2.part']) await writeFile(join(rejects, name), 'x');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(join(rejects, 'old.jsonl.1.part'), hourAgo, hourAgo);
  await utimes(join(folder, 'imports', 'a', 'upload.csv'), hourAgo, hourAgo);
  expect(await storage.removeUnfinished(new Date(Date.now() - 1_800_000))).toBe(1);
  expect(await readdir(rejects)).toEqual(['growing.jsonl.2.part']);
  expect(await readdir(join(folder, 'imports', 'a'))).toEqual(['rejects', 'upload.csv']);
});
