// Who may read /metrics: everybody, or who has the key of SLUICE_METRICS_KEY.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { bearerKey, logRefusedKey } from '../http/auth.ts';

/** @returns a hook that lets only the key through; without a key it lets everybody */
export function requireMetricsKey(key: string | undefined) {
  // Hashes have one length, and comparing them tells nothing of how much of a key was right.
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = key === undefined ? undefined : hash(key);
  return async (request: FastifyRequest): Promise<void> => {
    if (wanted === undefined || timingSafeEqual(wanted, hash(bearerKey(request) ?? ''))) return;
    if (bearerKey(request) !== undefined) logRefusedKey(request);
    throw new AppError(
      'UNAUTHENTICATED',
      'Send the key of SLUICE_METRICS_KEY as "Authorization: Bearer <key>".',
    );
  };
}
