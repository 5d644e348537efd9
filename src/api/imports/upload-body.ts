// What holds for each request whose body is a file.
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.ts';
import { tooLarge } from '../../intake/too-large.ts';

/** Room for the form's own lines around the file. */
const FORM_ALLOWANCE_BYTES = 1024 * 1024;

/** @throws AppError UPLOAD_TOO_LARGE for a body that says itself that it is */
export function refuseTooLong({ headers }: FastifyRequest, { maxUploadBytes }: Config): void {
  if (Number(headers['content-length'] ?? 0) > maxUploadBytes + FORM_ALLOWANCE_BYTES)
    throw tooLarge(maxUploadBytes);
}

/**
 * When the whole body is here nothing moves on the connection until the answer, which a large ZIP or a proof of dates may keep waiting
 * for minutes: the client would be cut off, and its file taken all the same. Node limits the connection again at its next request.
 */
export function waitForAnswer({ raw }: FastifyRequest): void {
  raw.once('end', () => raw.socket.setTimeout(0));
}
