// Uploads in parts that have not ended. Their parts cost room, and no list of objects shows them.
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import type { S3Place } from './s3.ts';

type Place = Pick<S3Place, 'client' | 'bucket'>;

export interface UnfinishedUpload {
  /** With the prefix of the storage. */
  readonly key: string;
  readonly uploadId: string;
  readonly begunAt: Date;
}

/** Those whose keys begin with `prefix`. MinIO lists only those of a whole key, and removes old ones itself. */
export async function* listUploads(
  { client, bucket }: Place,
  prefix: string,
): AsyncGenerator<UnfinishedUpload> {
  let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (from !== undefined) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
      yield { key: Key!, uploadId: UploadId!, begunAt: Initiated ?? new Date(0) };
    from =
      page.IsTruncated === true
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
  }
}

/** When the last part came, or the upload began. */
export async function lastGrowth(
  { client, bucket }: Place,
  { key, uploadId, begunAt }: UnfinishedUpload,
): Promise<Date> {
  let newest = begunAt;
  let marker: string | undefined;
  do {
    const page = await client
      .send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }))
      .catch(unlessGone);
    for (const { LastModified } of page?.Parts ?? [])
      if (LastModified !== undefined && LastModified > newest) newest = LastModified;
    marker = page?.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return newest;
}

/** One that has ended meanwhile is no error. */
export async function abortUpload(
  { client, bucket }: Place,
  upload: Pick<UnfinishedUpload, 'key' | 'uploadId'>,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({
    Bucket: bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
  });
  await client.send(command, { abortSignal }).catch(unlessGone);
}

/** Whoever waits for an upload that has failed is to learn why, also from an S3 that does not answer any more. */
const ABORT_MS = 5000;

/** Aborts an upload that has failed. What S3 does not do soon is left to the sweep. */
export async function abortFailed(
  place: Place,
  upload: Pick<UnfinishedUpload, 'key' | 'uploadId'>,
): Promise<void> {
  await abortUpload(place, upload, AbortSignal.timeout(ABORT_MS)).catch(() => undefined);
}

function unlessGone(error: unknown): undefined {
  if (error instanceof Error && error.name === 'NoSuchUpload') return undefined;
  throw error;
}
