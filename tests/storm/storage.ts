// Where the storm's files are: a folder on a small disk that can be filled, or an S3 that can fail as S3 fails.
import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startS3, type Fault } from '../support/s3.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import type { Random } from './random.ts';

export const STORAGE_FORMS = ['folder', 's3'] as const;
export type StorageForm = (typeof STORAGE_FORMS)[number];

/** As many as pass before the storage is well again. */
type Passing = (random: Random) => Promise<{ readonly over: Promise<void> }>;

export interface StormStorage {
  /** For the API and the workers, beside `SLUICE_STORAGE_DIR`. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined when it has no room of its own here, so that it cannot be filled. */
  readonly fill: Passing | undefined;
  /** Undefined of a folder. */
  readonly s3: { readonly refuse: Passing; readonly cut: Passing; readonly silence: Passing } | undefined;
  /** Of all files and all that has begun to become one, below `imports/` and `uploads/`. */
  names(): Promise<string[]>;
  /** As if all of them had come two days ago. */
  age(): Promise<void>;
  /** A small file is in the row of its import, so there may be none. */
  removeImport(id: string): Promise<void>;
  /** At once, without waiting for anything. */
  cutOff(): void;
  stop(): Promise<void>;
}

const FULL_MS = 400;
const FOLDERS = ['imports', 'uploads'];
const TWO_DAYS_MS = 48 * 3_600_000;

export async function openStormStorage(form: StorageForm, folder: string): Promise<StormStorage> {
  await mkdir(folder);
  return form === 's3' ? openBucket() : openFolder(folder);
}

function openFolder(folder: string): StormStorage {
  const disk = mountSmallDisk(folder);
  const namesIn = (name: string): Promise<string[]> =>
    readdir(join(folder, name), { recursive: true }).then(
      (names) => names.map((each) => join(name, each)),
      (error: NodeJS.ErrnoException) => {
        // None was kept.
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
  const names = async (): Promise<string[]> => (await Promise.all(FOLDERS.map(namesIn))).flat();
  return {
    env: {},
    fill:
      disk &&
      (async () => {
        await disk.fill();
        return { over: delay(FULL_MS).then(() => disk.free()) };
      }),
    s3: undefined,
    names,
    async age() {
      const then = new Date(Date.now() - TWO_DAYS_MS);
      for (const name of await names()) await utimes(join(folder, name), then, then);
    },
    removeImport: (id) => rm(join(folder, 'imports', id), { recursive: true, force: true }),
    cutOff: () => disk?.remove(),
    async stop() {
      disk?.remove();
    },
  };
}

async function openBucket(): Promise<StormStorage> {
  const s3 = await startS3();
  /** Of some of the requests, for a while. */
  const pass =
    (share: number, fault: () => Fault): Passing =>
    (random) => {
      const until = delay(random.integer(200, 1500));
      s3.fault(() => (Math.random() < share ? fault() : undefined));
      return Promise.resolve({ over: until.then(() => s3.fault()) });
    };
  return {
    env: { ...s3.env, SLUICE_S3_TIMEOUT_MS: '1000' },
    fill: undefined,
    s3: {
      refuse: pass(0.9, () => ({ kind: 'refused', status: 503, code: 'SlowDown' })),
      cut: pass(0.5, () => ({ kind: 'cut', afterBytes: Math.floor(Math.random() * 20_000) })),
      silence: pass(0.7, () => ({ kind: 'silent' })),
    },
    async names() {
      const keys = await Promise.all(FOLDERS.map((name) => s3.keys(`${name}/`)));
      return [...keys.flat(), ...s3.unfinished().map((key) => `the parts of ${key}`)];
    },
    age: () => Promise.resolve(s3.age(TWO_DAYS_MS)),
    removeImport: (id) => s3.removeFolder(`imports/${id}/`),
    cutOff: () => undefined,
    stop: () => s3.stop(),
  };
}
