import { Type } from 'typebox';
import { defineTask } from '../define-task.ts';

/** Says that all works, from the request to the result. */
export const add = defineTask(
  {
    name: 'add',
    description: 'Adds two numbers.',
    args: Type.Object({ a: Type.Number(), b: Type.Number() }, { additionalProperties: false }),
    result: Type.Number(),
  },
  ({ a, b }) => a + b,
);
