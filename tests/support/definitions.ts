// Tasks that a worker has said it knows: those that ship, and one whose arguments must be exact.
import { Type } from 'typebox';
import { saveDefinitions } from '../../src/db/tasks/definitions.ts';
import { bigInteger, dateTime } from '../../src/tasks/arg-types.ts';
import { defineTask } from '../../src/tasks/define-task.ts';
import { openRegistry } from '../../src/tasks/registry.ts';
import type { TestApi } from './api.ts';

export const exact = defineTask(
  {
    name: 'exact',
    queue: 'slow',
    priority: 7,
    retries: 1,
    args: Type.Object({
      big: bigInteger(),
      at: Type.Optional(dateTime()),
      'a/b': Type.Optional(Type.Unknown()),
    }),
  },
  () => null,
);

export async function addDefinitions({ database, deps }: Pick<TestApi, 'database' | 'deps'>): Promise<void> {
  const { documents } = await openRegistry([], deps.config);
  await saveDefinitions(database.pool, [...documents, exact.document]);
}
