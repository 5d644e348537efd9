import { counted } from '../core/counted.ts';
import { AppError } from '../errors.ts';

/** @param what is too large: the file as sent, or what a packed file inflates to */
export function tooLarge(limitBytes: number, what: 'sent' | 'inflated' = 'sent'): AppError {
  const is = what === 'sent' ? 'is larger than' : 'inflates to more than';
  return new AppError(
    'UPLOAD_TOO_LARGE',
    `The file ${is} ${counted(limitBytes, 'byte')}, the limit here (SLUICE_MAX_UPLOAD_BYTES). Split it, or ask the operator for a higher limit. Nothing was kept.`,
    { limitBytes },
  );
}
