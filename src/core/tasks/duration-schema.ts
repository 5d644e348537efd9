import { Type } from 'typebox';
import { DURATION_PATTERN } from './duration.ts';

/** JSON Schema of a `Duration`. */
export const duration = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: DURATION_PATTERN })], {
    description: `${description} Milliseconds, or a text such as "500ms", "30s", "15m", "1h", "7d".`,
  });
