import { setTimeout as delay } from 'node:timers/promises';
import { Type } from 'typebox';
import { defineTask } from '../define-task.ts';

const LONGEST_MS = 86_400_000;

/** Takes a place for a while: to try limits, cancels and stops with. */
export const sleep = defineTask(
  {
    name: 'sleep',
    description: 'Waits for so many milliseconds.',
    args: Type.Object(
      { ms: Type.Integer({ minimum: 0, maximum: LONGEST_MS, description: 'Milliseconds, a day at most.' }) },
      { additionalProperties: false },
    ),
  },
  async ({ ms }, { signal }) => {
    await delay(ms, undefined, { signal });
    return { ms };
  },
);
