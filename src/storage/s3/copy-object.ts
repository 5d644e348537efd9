// S3 copies by itself, up to 5 GB in one request; what is larger in parts.
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { listObjects, type ListedObject } from './list-objects.ts';
import type { S3Place } from './s3.ts';
import { abortFailed } from './unfinished.ts';

const GIB = 1024 ** 3;
const LARGEST_COPY_BYTES = 5 * GIB;
const COPY_PART_BYTES = GIB;

/** @throws a NoSuchKey, as S3 says it, when there is no such file */
export async function copyObject(place: S3Place, from: string, to: string): Promise<void> {
  const { client, bucket, largestCopyBytes = LARGEST_COPY_BYTES } = place;
  const bytes = await sizeOf(place, from);
  // Prefix and keys are of characters that need no escape.
  const CopySource = `${bucket}/${from}`;
  if (bytes <= largestCopyBytes)
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource }));
  else await copyInParts(place, { CopySource, to, bytes });
}

/** A HEAD would not say whether it is the key that is missing, or the bucket. */
async function sizeOf(place: S3Place, key: string): Promise<number> {
  // What is listed first is the key itself, if it is there.
  const { value: first } = (await listObjects(place, key).next()) as IteratorResult<ListedObject, undefined>;
  if (first?.key === key) return first.bytes;
  throw Object.assign(new Error(`There is no ${key}`), { name: 'NoSuchKey' });
}

async function copyInParts(
  place: S3Place,
  { CopySource, to, bytes }: { readonly CopySource: string; readonly to: string; readonly bytes: number },
): Promise<void> {
  const { client, bucket, copyPartBytes = COPY_PART_BYTES } = place;
  const target = { Bucket: bucket, Key: to };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const parts: CompletedPart[] = [];
    for (let at = 0; at < bytes; at += copyPartBytes) {
      const PartNumber = parts.length + 1;
      const CopySourceRange = `bytes=${at}-${Math.min(at + copyPartBytes, bytes) - 1}`;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...target, UploadId, PartNumber, CopySource, CopySourceRange }),
      );
      parts.push({ ...CopyPartResult, PartNumber });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }),
    );
  } catch (error) {
    await abortFailed(place, { key: to, uploadId: UploadId! });
    throw error;
  }
}
