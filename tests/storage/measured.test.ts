// What is counted of each operation of a storage, and that it does the same as before.
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { createDiskStorage } from '../../src/storage/disk.ts';
import { measured, storageTimesMemory, storageTimesText } from '../../src/storage/measured.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

function open() {
  const memory = storageTimesMemory();
  const disk = createDiskStorage(temporaryFolder());
  /** As "write ok 2". */
  const counted = (): string[] =>
    [
      ...storageTimesText(memory, 'disk').matchAll(
        /_count\{engine="disk",operation="(\w+)",outcome="(\w+)"\} (\d+)/g,
      ),
    ].map(([, operation, outcome, count]) => `${operation} ${outcome} ${count}`);
  return { memory, disk, storage: measured(disk, memory), counted };
}

it('each operation is counted by how it ended, and gives what it gave', async () => {
  const { storage, counted } = open();
  expect(await storage.write('imports/a/file', Readable.from(['some bytes']))).toBe(10);
  await storage.copy('imports/a/file', 'imports/b/file');
  expect(await text(storage.read('imports/b/file', { startByte: 5, endByte: 10 }))).toBe('bytes');
  await expect(buffer(storage.read('imports/c/file'))).rejects.toThrow(/no longer/);
  const range = { startByte: 0, endByte: 4 };
  expect(String(await storage.readBytes('imports/a/file', range))).toBe('some');
  await expect(storage.readBytes('imports/c/file', range)).rejects.toThrow(/no longer/);
  const folders: string[] = [];
  for await (const { key } of storage.listFolders('imports/')) folders.push(key);
  expect(folders.sort()).toEqual(['imports/a/', 'imports/b/']);
  await storage.remove('imports/a/file');
  await storage.removeFolder('imports/');
  expect(await storage.removeUnfinished(new Date())).toBe(0);
  expect(await storage.link('imports/a/file', { type: 'text/csv', name: 'a.csv' })).toBeUndefined();
  await storage.check();
  expect(counted()).toEqual([
    'write ok 1',
    'copy ok 1',
    'read ok 1',
    'read gone 1',
    'readBytes ok 1',
    'readBytes gone 1',
    'remove ok 1',
    'removeFolder ok 1',
    'listFolders ok 1',
    'removeUnfinished ok 1',
    'link ok 1',
    'check ok 1',
  ]);
});

describe('a write that fails', () => {
  it.each([
    ['cut', 'its sender', new Error('gone')],
    ['full', 'the storage', new AppError('STORAGE_FULL', 'full')],
    ['away', 'the storage', new AppError('STORAGE_UNAVAILABLE', 'away')],
    ['failed', 'the storage', new Error('EIO')],
  ])('is counted as %s, by %s', async (outcome, by, error) => {
    const { memory, disk } = open();
    const refusing = { ...disk, write: () => Promise.reject(error) };
    const storage = measured(by === 'its sender' ? disk : refusing, memory);
    const source = new Readable({
      read() {
        if (by === 'its sender') this.destroy(error);
      },
    });
    await expect(storage.write('imports/a/file', source)).rejects.toBe(error);
    expect(storageTimesText(memory, 'disk')).toContain(`operation="write",outcome="${outcome}"} 1`);
  });
});

it('times are in the bucket that they are below, and in all above', async () => {
  const { storage, memory } = open();
  await storage.check();
  const buckets = [...storageTimesText(memory, 's3').matchAll(/le="([^"]+)"\} (\d+)/g)].map(([, , count]) =>
    Number(count),
  );
  expect(buckets).toHaveLength(10);
  expect(buckets.toSorted()).toEqual(buckets);
  expect(buckets.at(-1)).toBe(1);
});
