// The shipped datasets besides customers are sound, and the seed data of the to-dos lands whole.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { templateCsv } from '../../../src/core/dataset/header/template.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';

const documentOf = (name: string) =>
  parseDataset(JSON.parse(readFileSync(`datasets/${name}.json`, 'utf8')), `${name}.json`);

test('the to-dos of examples/todos.csv land', async () => {
  const todos = documentOf('todos');
  const { slot, database, close } = await freshSlot([todos]);
  const id = await addImport(slot, todos, readFileSync('examples/todos.csv'));
  await runImport(slot, id);
  expect(await countsOf(slot, id)).toEqual({ records: 5, inserted: 5, loaded: 5 });
  const { rows } = await database.pool.query(
    'SELECT title, memo, priority, completed FROM todos ORDER BY import_row',
  );
  expect(rows.slice(2, 4)).toEqual([
    { title: 'Call the printer', memo: null, priority: '2', completed: false },
    { title: '歓迎会の準備', memo: '人数を聞く\n店を予約する', priority: '2', completed: false },
  ]);
  await close();
});

test('the example of each field of the robots lands, and the serial number is their key', async () => {
  const robots = documentOf('robots');
  const { slot, close } = await freshSlot([robots]);
  for (const counts of [{ inserted: 1 }, { unchanged: 1 }]) {
    const id = await addImport(slot, robots, templateCsv(robots), { mode: 'upsert' });
    await runImport(slot, id);
    expect(await countsOf(slot, id)).toEqual({ records: 1, loaded: 1, ...counts });
  }
  await close();
});
