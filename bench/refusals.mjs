// (j) Imports whose records Postgres refuses for one reason each, to clean imports into the same table under the same rule.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startSluice, usedByPostgresMs, usedCpuMs } from './processes.mjs';

export const title = 'clean import / import whose records Postgres refuses';
const LEAST = 0.3;

/** The dataset is in shapes.mjs. Rows that are there before: codes `c1` … with label `l1` …, place 10 to 15 and so on. */
const OLD_ROWS = (rows) => `
  INSERT INTO places (id, code, price, cap, area, label, low, high)
  SELECT gen_random_uuid(), 'c' || n, 1, 100, 1, 'l' || n, n * 10, n * 10 + 5 FROM generate_series(1, ${rows}) AS n;
  ANALYZE places`;

const trigger = (when) => `
  CREATE OR REPLACE FUNCTION refuse_dear() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.price > 100 THEN RAISE 'too dear'; END IF; RETURN NEW; END $$;
  CREATE TRIGGER refuse_dear ${when} ON places FOR EACH ROW EXECUTE FUNCTION refuse_dear()`;
const undoTrigger = 'DROP TRIGGER refuse_dear ON places';
const rule = (text) => `ALTER TABLE places ADD CONSTRAINT rule ${text}`;
const undoRule = 'ALTER TABLE places DROP CONSTRAINT rule';
const OVERLAP = rule('EXCLUDE USING gist (int8range(low, high) WITH &&)');

/** `clean` and `bad` are the records of row n; `seed` says whether the rows are there before. */
const CASES = {
  'upsert, a check': {
    mode: 'upsert',
    rule: rule('CHECK (price <= cap)'),
    undo: undoRule,
    columns: 'code,price',
    clean: (n) => `c${n},50`,
    bad: (n) => `c${n},500`,
  },
  'upsert, a reference': {
    mode: 'upsert',
    rule: rule('FOREIGN KEY (area) REFERENCES areas'),
    undo: undoRule,
    columns: 'code,area',
    clean: (n) => `c${n},2`,
    bad: (n) => `c${n},9`,
  },
  'upsert, another key': {
    mode: 'upsert',
    rule: rule('UNIQUE (label)'),
    undo: undoRule,
    columns: 'code,label',
    clean: (n) => `c${n},new${n}`,
    bad: (n) => `c${n},taken${n}`,
    seed: (rows) => `
      INSERT INTO places (id, code, label) SELECT gen_random_uuid(), 'other' || n, 'taken' || n FROM generate_series(1, ${rows}) AS n`,
  },
  'upsert, labels that go round': {
    mode: 'upsert',
    rule: rule('UNIQUE (label)'),
    undo: undoRule,
    columns: 'code,label',
    clean: (n) => `c${n},new${n}`,
    bad: (n, rows) => `c${n},l${(n % rows) + 1}`,
  },
  'upsert, a trigger after': {
    mode: 'upsert',
    rule: trigger('AFTER UPDATE'),
    undo: undoTrigger,
    columns: 'code,price',
    clean: (n) => `c${n},50`,
    bad: (n) => `c${n},500`,
  },
  'insert, an exclusion by old rows': {
    rule: OVERLAP,
    undo: undoRule,
    columns: 'code,low,high',
    clean: (n, rows) => `d${n},${(n + rows) * 10},${(n + rows) * 10 + 5}`,
    bad: (n) => `d${n},${n * 10 + 2},${n * 10 + 7}`,
  },
  'insert, an exclusion among each other': {
    rule: OVERLAP,
    undo: undoRule,
    columns: 'code,low,high',
    clean: (n, rows) => `d${n},${(n + rows) * 10},${(n + rows) * 10 + 5}`,
    bad: (n, rows) => `d${n},${(rows + 10) * 10 + 2},${(rows + 10) * 10 + 7}`,
    landed: 1,
  },
  'insert, a trigger before raises': {
    rule: trigger('BEFORE INSERT'),
    undo: undoTrigger,
    columns: 'code,price',
    clean: (n) => `d${n},50`,
    bad: (n) => `d${n},500`,
  },
  'insert, a trigger before raises for half': {
    rule: trigger('BEFORE INSERT'),
    undo: undoTrigger,
    columns: 'code,price',
    clean: (n) => `d${n},50`,
    bad: (n) => `d${n},${n % 2 === 0 ? 50 : 500}`,
    landed: 0.5,
  },
  'insert, a trigger before, keys taken': {
    rule: trigger('BEFORE INSERT'),
    undo: undoTrigger,
    columns: 'code,price',
    clean: (n) => `d${n},50`,
    bad: (n) => `c${n},50`,
  },
  'insert, a trigger after raises': {
    rule: trigger('AFTER INSERT'),
    undo: undoTrigger,
    columns: 'code,price',
    clean: (n) => `d${n},50`,
    bad: (n) => `d${n},500`,
  },
  'insert, a key that can be deferred': {
    rule: rule('UNIQUE (label) DEFERRABLE'),
    undo: undoRule,
    columns: 'code,label',
    clean: (n) => `d${n},new${n}`,
    bad: (n) => `d${n},l${n}`,
  },
  'insert, a key that can be deferred, among each other': {
    rule: rule('UNIQUE (label) DEFERRABLE'),
    undo: undoRule,
    columns: 'code,label',
    clean: (n) => `d${n},new${n}`,
    bad: (n) => `d${n},same`,
    landed: 1,
  },
};

export async function measure({ servers, options, print }) {
  const details = {};
  const sluice = await startSluice(servers, { slots: options.slots });
  await servers.client.query('CREATE TABLE areas (n bigint PRIMARY KEY); INSERT INTO areas VALUES (1), (2)');
  try {
    for (const [name, each] of Object.entries(CASES))
      if (options.refusalCases.every((text) => name.includes(text)))
        details[name] = await measureCase({ servers, options, print, sluice }, name, each);
  } finally {
    await servers.client.query('DROP TABLE areas');
    await sluice.stop();
  }
  const figures = Object.entries(details).map(([what, { byClock }]) => ({
    what,
    value: byClock,
    atLeast: LEAST,
  }));
  return { figures, details };
}

async function measureCase(
  { servers, options, print, sluice },
  name,
  { rule, undo, mode = 'insert', ...each },
) {
  const { client, folder } = servers;
  const rows = options.refusals;
  const file = path.join(folder, 'refusals.csv');
  const run = async (cells, landed) => {
    const lines = Array.from({ length: rows }, (_, at) => `${cells(at + 1, rows)}\n`);
    writeFileSync(file, `${each.columns}\n${lines.join('')}`);
    await client.query(`TRUNCATE places; ${OLD_ROWS(rows)}; ${each.seed?.(rows) ?? ''}; ${rule}`);
    await client.query('CHECKPOINT').catch(() => undefined);
    const used = () => usedCpuMs(sluice.workers[0]) + usedByPostgresMs(servers);
    const before = used();
    const counts = { loaded: landed, rejected: rows - landed };
    const { workMs } = await sluice.importFile('places', file, counts, `&mode=${mode}`);
    const cpuMs = used() - before;
    await client.query(undo);
    return { workMs, cpuMs };
  };
  const landed = each.landed ?? 0;
  const clean = await run(each.clean, rows);
  const refused = await run(each.bad, landed < 1 ? landed * rows : landed);
  const byClock = clean.workMs / refused.workMs;
  print(
    `${name}: clean ${perRow(clean, rows)}, refused ${perRow(refused, rows)}, ratio ${byClock.toFixed(3)}`,
  );
  return { rows, clean, refused, byClock, byProcessor: clean.cpuMs / refused.cpuMs };
}

const perRow = ({ workMs, cpuMs }, rows) =>
  `${((workMs * 1000) / rows).toFixed(1)} µs a row (${((cpuMs * 1000) / rows).toFixed(1)} of processor time)`;
