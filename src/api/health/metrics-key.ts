// Who may read /metrics: everybody, or who has the key of SLUICE_METRICS_KEY.
import type { FastifyRequest } from 'fastify';
import { isSameSecret } from '../../core/access/same-secret.ts';
import { AppError } from '../../errors.ts';
import { bearerKey, logRefusedKey } from '../http/auth.ts';

/** @returns a hook that lets only the key through; without a key it lets everybody */
export function requireMetricsKey(key: string | undefined) {
  return async (request: FastifyRequest): Promise<void> => {
    if (key === undefined || isSameSecret(key, bearerKey(request) ?? '')) return;
    if (bearerKey(request) !== undefined) logRefusedKey(request);
    throw new AppError(
      'UNAUTHENTICATED',
      'Send the key of SLUICE_METRICS_KEY as "Authorization: Bearer <key>".',
    );
  };
}
