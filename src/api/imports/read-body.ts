// The bytes of a file out of a request, and what a request that breaks off means.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';

/** Of one form. */
export const MAX_FIELDS = 50;
/** Of all fields together: room for a mapping of as many columns as a file may have. */
export const MAX_FORM_BYTES = 1024 * 1024;

/** Of a body that is the file, nothing can follow. */
export function atEnd(): Promise<void> {
  return Promise.resolve();
}

/** Destroying the stream would cut the connection before the client has its answer. */
export async function* readFile(
  request: FastifyRequest,
  file: Readable,
  after: () => Promise<void>,
): AsyncGenerator<Buffer> {
  try {
    yield* file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw uploadBroken(request, error);
  }
  await after();
}

/** Says what a broken form or connection means; anything else stays what it is. */
export function uploadBroken({ raw }: FastifyRequest, error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (
    /Unexpected end|Part terminated early/i.test(error.message) ||
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(code)
  )
    return new AppError('UPLOAD_TRUNCATED', `${sayCut(raw)} Nothing was kept.`, {}, { cause: error });
  if (code === 'FST_INVALID_JSON_FIELD_ERROR')
    return new AppError(
      'INVALID_REQUEST',
      `A form field has Content-Type: application/json and is not JSON, or is longer than ${MAX_FORM_BYTES} bytes. Nothing was kept.`,
    );
  if (code === 'FST_FIELDS_LIMIT')
    return new AppError(
      'INVALID_REQUEST',
      `The form has more than ${MAX_FIELDS} fields. Send each option once; nothing was kept.`,
    );
  if (/Malformed|boundary|Multipart|header/i.test(error.message) && !/^(EN|EI|EA)/.test(code))
    return new AppError(
      'UPLOAD_MALFORMED',
      `The form cannot be read: ${error.message}. Nothing was kept.`,
      {},
      { cause: error },
    );
  return error;
}

/** A body of which all bytes have come that its Content-Length announces was cut off before it was sent, or that number is wrong. */
function sayCut({ complete, headers }: IncomingMessage): string {
  const announced = headers['content-length'];
  if (announced === undefined) return 'The upload ended before the end of the file. Send it again.';
  return complete
    ? `The form ends before its last boundary, though all ${announced} bytes have come that Content-Length announces. Content-Length is too small, or the form was cut off before it was sent. Send it whole, with the right Content-Length or none.`
    : `The upload ended before all ${announced} bytes had come that Content-Length announces. Send it again. If it was sent whole, Content-Length is too large.`;
}
