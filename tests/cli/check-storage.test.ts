import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { checkStorage } from '../../src/cli/check-servers.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterEach(() => s3.fault());
afterAll(() => s3.stop());

it('a folder is not looked at: one that is full has room again some day', async () => {
  await expect(
    checkStorage(s3.settings({ storageUrl: '', storageDir: '/dev/null/nowhere' })),
  ).resolves.toBeUndefined();
});

it('a bucket that is there is taken', async () => {
  await expect(checkStorage(s3.settings())).resolves.toBeUndefined();
});

it('a bucket that is not there ends the start with what to do', async () => {
  await expect(checkStorage(s3.settings({ storageUrl: 's3://nowhere/files' }))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message:
      's3://nowhere/files (SLUICE_STORAGE_URL) cannot be used. The storage is not available: its bucket does not exist. The operator has to make the bucket, or to mend SLUICE_STORAGE_URL (NoSuchBucket).',
  });
});

it('so do rights that are missing', async () => {
  s3.fault(() => ({ kind: 'refused', status: 403, code: 'AccessDenied' }));
  await expect(checkStorage(s3.settings())).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('let these credentials get, put, delete and list') as unknown,
  });
});

it('an S3 that is away is waited for by whoever starts', async () => {
  await expect(checkStorage(s3.settings({ s3Endpoint: 'http://127.0.0.1:1' }))).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining('S3 cannot be reached') as unknown,
  });
});
