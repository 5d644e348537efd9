// What every storage must do; each implementation's test file runs it.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/storage.ts';

export function describeStorage(name: string, open: () => Promise<Storage>): void {
  describe(`${name} as a storage`, () => {
    it('gives back what was written, whole and in ranges', async () => {
      const storage = await open();
      expect(
        await storage.write(
          'imports/a/upload.csv',
          Readable.from([Buffer.from('hello '), Buffer.from('world')]),
        ),
      ).toBe(11);
      expect((await buffer(storage.read('imports/a/upload.csv'))).toString()).toBe('hello world');
      expect(
        (await buffer(storage.read('imports/a/upload.csv', { startByte: 6, endByte: 11 }))).toString(),
      ).toBe('world');
      expect(
        (await buffer(storage.read('imports/a/upload.csv', { startByte: 6, endByte: 6 }))).toString(),
      ).toBe('');
      expect((await storage.readBytes('imports/a/upload.csv', { startByte: 0, endByte: 5 })).toString()).toBe(
        'hello',
      );
      const room = Buffer.alloc(8, '.');
      const read = await storage.readBytes('imports/a/upload.csv', { startByte: 6, endByte: 11 }, (bytes) =>
        room.subarray(0, bytes),
      );
      expect([read.toString(), room.toString()]).toEqual(['world', 'world...']);
    });

    it('keeps an empty file', async () => {
      const storage = await open();
      expect(await storage.write('imports/a/empty', Readable.from([], { objectMode: false }))).toBe(0);
      expect((await buffer(storage.read('imports/a/empty'))).length).toBe(0);
      expect((await buffer(storage.read('imports/a/empty', { startByte: 0, endByte: 5 }))).length).toBe(0);
      await expect(storage.readBytes('imports/a/empty', { startByte: 0, endByte: 1 })).rejects.toThrow(
        'ends before byte 1',
      );
      await storage.copy('imports/a/empty', 'imports/b/empty');
      expect((await buffer(storage.read('imports/b/empty'))).length).toBe(0);
    });

    it('copies a file, which outlives the one it was copied from', async () => {
      const storage = await open();
      await storage.write('imports/a/upload.csv', Readable.from(['text']));
      await storage.copy('imports/a/upload.csv', 'imports/b/upload.csv');
      await storage.removeFolder('imports/a/');
      expect((await buffer(storage.read('imports/b/upload.csv'))).toString()).toBe('text');
      await expect(storage.copy('imports/a/upload.csv', 'imports/c/upload.csv')).rejects.toMatchObject({
        code: 'FILE_GONE',
      });
    });

    it('replaces a key', async () => {
      const storage = await open();
      await storage.write('imports/a/x', Readable.from(['one']));
      await storage.write('imports/a/x', Readable.from(['two']));
      expect((await buffer(storage.read('imports/a/x'))).toString()).toBe('two');
    });

    it('keeps nothing of a stream that fails, and lets the error through', async () => {
      const storage = await open();
      async function* broken(): AsyncGenerator<Buffer> {
        yield Buffer.from('half a file');
        throw Object.assign(new Error('the client is gone'), { code: 'ECONNRESET' });
      }
      await expect(storage.write('imports/b/upload.csv', Readable.from(broken()))).rejects.toMatchObject({
        message: 'the client is gone',
        code: 'ECONNRESET',
      });
      await expect(buffer(storage.read('imports/b/upload.csv'))).rejects.toMatchObject({ code: 'FILE_GONE' });
    });

    it('says FILE_GONE for a key that is not there', async () => {
      const storage = await open();
      await expect(buffer(storage.read('imports/none/x'))).rejects.toMatchObject({ code: 'FILE_GONE' });
      await expect(storage.readBytes('imports/none/x', { startByte: 0, endByte: 1 })).rejects.toMatchObject({
        code: 'FILE_GONE',
      });
    });

    it('fails when a range goes beyond the end', async () => {
      const storage = await open();
      await storage.write('imports/a/x', Readable.from(['abc']));
      await expect(storage.readBytes('imports/a/x', { startByte: 0, endByte: 4 })).rejects.toThrow(
        'ends before byte 4',
      );
    });

    it('removes a key, and no other', async () => {
      const storage = await open();
      await storage.write('imports/a/x', Readable.from(['one']));
      await storage.write('imports/a/y', Readable.from(['two']));
      await storage.remove('imports/a/x');
      await storage.remove('imports/a/x');
      await expect(buffer(storage.read('imports/a/x'))).rejects.toMatchObject({ code: 'FILE_GONE' });
      expect((await buffer(storage.read('imports/a/y'))).toString()).toBe('two');
    });

    it('lists and removes folders', async () => {
      const storage = await open();
      await storage.write('imports/a/upload.csv', Readable.from(['x']));
      await storage.write('imports/a/rejects/0-1.jsonl', Readable.from(['x']));
      await storage.write('imports/b/upload.csv', Readable.from(['x']));
      const keys = async (): Promise<string[]> =>
        (await collect(storage.listFolders('imports/'))).map((folder) => folder.key).sort();
      expect(await keys()).toEqual(['imports/a/', 'imports/b/']);
      await storage.removeFolder('imports/a/');
      await storage.removeFolder('imports/a/');
      expect(await keys()).toEqual(['imports/b/']);
    });

    it('refuses keys that could leave its folder', async () => {
      const storage = await open();
      for (const key of ['../x', '/etc/passwd', 'a/../../x', 'a//b', 'A', 'a\\b', ''])
        await expect(storage.write(key, Readable.from(['x'])), key).rejects.toThrow('Not a storage key');
    });

    it('checks itself', async () => {
      await expect((await open()).check()).resolves.toBeUndefined();
    });
  });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
