// docs/tasks.md against the table of options and the statuses.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { celeryState } from '../../src/core/tasks/celery-state.ts';
import { TASK_OPTIONS } from '../../src/core/tasks/task-options.ts';
import { TASK_STATUSES } from '../../src/core/tasks/task-status.ts';

const page = readFileSync(new URL('../../docs/tasks.md', import.meta.url), 'utf8');
const rowsOf = (heading: string): string[][] =>
  page
    .split(heading)[1]!
    .split('\n#')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

it('has each option of a task, and no other', () => {
  const named = rowsOf('### Options').map(([, option]) => option!.replaceAll('`', ''));
  expect(named).toEqual(Object.keys(TASK_OPTIONS));
});

it('has each status, with its name in Celery', () => {
  const told = rowsOf('## Look at it').map(([, status, celery]) => [status!.replaceAll('`', ''), celery]);
  expect(told.map(([status]) => status).sort()).toEqual([...TASK_STATUSES].sort());
  for (const status of TASK_STATUSES)
    for (const attempts of [0, 1])
      expect(told.find(([name]) => name === status)?.[1]).toContain(celeryState(status, attempts));
});
