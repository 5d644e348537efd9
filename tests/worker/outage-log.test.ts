import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createOutageLog } from '../../src/worker/outage-log.ts';

it('an outage is told once, also when work that was begun before it ends after it was noticed', () => {
  let now = 0;
  const said: string[] = [];
  const logger = pino(
    { base: null },
    { write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const outage = createOutageLog(logger, () => now);
  outage.back(0);
  const begunBefore = outage.now();
  now = 10;
  outage.away('terminated', 'a');
  outage.back(begunBefore);
  now = 20;
  outage.away('refused', 'b');
  expect(said).toEqual([expect.stringContaining('Postgres is away')]);
  now = 30;
  const begunAfter = outage.now();
  outage.back(begunAfter);
  outage.back(begunAfter);
  expect(said).toEqual([expect.stringContaining('Postgres is away'), 'Postgres is back']);
});
