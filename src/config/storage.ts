// Where uploads and rejects are kept: a folder, or a bucket of S3 (docs/storage.md).
import { integer, MIB, oneOf, text, url, type Setting } from './setting.ts';

/** The smallest and the largest part that S3 takes; the last one of a file may be smaller. */
const PART_BYTES = { min: 5 * MIB, max: 512 * MIB };
/** `s3://bucket` or `s3://bucket/prefix`. Names of buckets as S3 has them; a prefix of characters that mean nothing to a URL. */
const STORAGE_URL = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]+)*\/?$/;

export const STORAGE_SETTINGS = {
  storageUrl: {
    env: 'SLUICE_STORAGE_URL',
    defaultText: '',
    doc: 'Keeps uploads and rejects in S3: `s3://bucket` or `s3://bucket/prefix`. Credentials come as the AWS SDK finds them. Empty: in SLUICE_STORAGE_DIR, which holds only scratch files otherwise.',
    read: (value) => {
      if (value !== undefined && !STORAGE_URL.test(value))
        throw new Error(
          `must be s3://bucket or s3://bucket/prefix, with letters, digits and ._- in the prefix, not "${value}"`,
        );
      return value ?? '';
    },
  } satisfies Setting<string>,
  s3Endpoint: {
    ...url('SLUICE_S3_ENDPOINT', '', ['http:', 'https:'], 'Address of an S3 that is not Amazon’s.'),
    secret: false,
  },
  s3PublicEndpoint: {
    ...url(
      'SLUICE_S3_PUBLIC_ENDPOINT',
      '',
      ['http:', 'https:'],
      'Address at which clients reach the S3, for redirected downloads. Empty: SLUICE_S3_ENDPOINT.',
    ),
    secret: false,
  },
  s3Region: text(
    'SLUICE_S3_REGION',
    '',
    'Region of the bucket. Empty: AWS_REGION, and without it us-east-1.',
  ),
  s3PathStyle: oneOf(
    'SLUICE_S3_PATH_STYLE',
    ['true', 'false'],
    'false',
    'true: the bucket’s name goes into the path and not into the host name, as most servers that are not Amazon’s want it.',
  ),
  s3PartBytes: integer(
    'SLUICE_S3_PART_BYTES',
    8 * MIB,
    PART_BYTES,
    'A file goes to S3 in parts of so many bytes, larger ones where SLUICE_MAX_UPLOAD_BYTES needs it (10,000 parts make a file). An upload holds at most this × (SLUICE_S3_PARTS_AT_ONCE + 2) in memory.',
  ),
  s3PartsAtOnce: integer(
    'SLUICE_S3_PARTS_AT_ONCE',
    2,
    { min: 1, max: 64 },
    'How many parts of one file are sent to S3 at the same time.',
  ),
  s3TimeoutMs: integer(
    'SLUICE_S3_TIMEOUT_MS',
    20_000,
    { min: 100, max: 600_000 },
    'S3 is given up, and asked again, after so many milliseconds without a byte.',
  ),
  s3LinkSeconds: integer(
    'SLUICE_S3_LINK_SECONDS',
    300,
    { min: 1, max: 604_800 },
    'How long the address of a redirected download is valid, in seconds.',
  ),
  unfinishedHours: integer(
    'SLUICE_UNFINISHED_HOURS',
    24,
    { min: 1, max: 720 },
    'What a write to the storage has left that never ended is removed after so many hours without a byte: the parts of an upload to S3, a `.part` in the folder. Longer than the slowest sender takes for a part.',
  ),
} as const;
