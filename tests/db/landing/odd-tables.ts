// Tables with names that need quotes, and rules that any table may have: what landing and upserting are compared on with doing the same
// one record after the other.
import fc from 'fast-check';
import type pg from 'pg';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { isBefore } from '../../support/other-postgres.ts';

export const SCHEMA = 'Odd "schema"';
export const MAIN = '"Odd ""schema"""."メイン %I"';
export const LINKED = '"Odd ""schema""".linked';

/** A database with the schema, and a connection whose search path it is. The caller releases and drops them. */
export async function openOddDatabase(): Promise<{ database: TestDatabase; client: pg.PoolClient }> {
  const database = await createDatabase();
  const client = await database.pool.connect();
  await client.query(`
    CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
    CREATE SCHEMA "Odd ""schema"""; SET search_path TO "Odd ""schema""", public`);
  return { database, client };
}

/** SQL that makes a trigger of the main table, or of another. */
export type MakeTrigger = (when: 'BEFORE' | 'AFTER', body: string, table?: string) => string;

/** @param events such as `INSERT` */
export function triggersOn(events: string): MakeTrigger {
  let triggers = 0;
  return (when, body, table = MAIN) => {
    const name = `trigger_${triggers++}`;
    return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
      CREATE TRIGGER ${name} ${when} ${events} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`;
  };
}

/** Rules that the tables may have whatever is done to them; each is SQL that lays it down. */
export const commonRules = (trigger: MakeTrigger) =>
  ({
    'a key': `ALTER TABLE ${MAIN} ADD UNIQUE ("A a")`,
    'a key of two columns': `ALTER TABLE ${MAIN} ADD CONSTRAINT "b + c 100%" UNIQUE (b, c)`,
    'a key whose nulls are alike': `CREATE UNIQUE INDEX ON ${MAIN} ("A a", c) ${isBefore(15) ? '' : 'NULLS NOT DISTINCT'}`,
    'a key of an expression': `CREATE UNIQUE INDEX ON ${MAIN} (lower(c), (d / 2))`,
    'a key that can be deferred': `ALTER TABLE ${MAIN} ADD UNIQUE (b) DEFERRABLE INITIALLY DEFERRED`,
    'a key without case': `ALTER TABLE ${MAIN} ALTER c TYPE citext; CREATE UNIQUE INDEX ON ${MAIN} (c)`,
    'an exclusion': `ALTER TABLE ${MAIN} ADD EXCLUDE USING gist (box(point("A a", d), point("A a", d)) WITH &&)`,
    'a key of the linked table': `ALTER TABLE ${LINKED} ADD UNIQUE (x)`,
    'a check': `ALTER TABLE ${MAIN} ADD CHECK ("A a" + b <> 4)`,
    'a check of the linked table': `ALTER TABLE ${LINKED} ADD CHECK (x <> 2)`,
    'no nulls': `ALTER TABLE ${MAIN} ALTER b SET NOT NULL`,
    'a full reference': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (b, "A a") REFERENCES referenced2 (q, p) MATCH FULL`,
    'a reference of the linked table': `ALTER TABLE ${LINKED} ADD FOREIGN KEY (x) REFERENCES referenced`,
    'a generated column': `ALTER TABLE ${MAIN} ADD sum int GENERATED ALWAYS AS (b + d) STORED UNIQUE`,
    'a trigger that raises before': trigger('BEFORE', `IF NEW.b = 1 THEN RAISE 'one'; END IF; RETURN NEW;`),
    'a trigger that changes': trigger('BEFORE', `NEW."A a" := NEW."A a" % 3; RETURN NEW;`),
  }) as const;

export type Cells = readonly (string | number | null)[];

/** What stands in the tables afterwards, and the numbers of the rows that were refused. */
export interface Outcome {
  readonly tables: unknown[];
  readonly refused: number[];
}

/** So few values that keys clash and rules are broken. */
export const few = fc.option(fc.integer({ min: 0, max: 4 }), { freq: 6 });
export const fewTexts = fc.option(fc.constantFrom('x', 'X', 'y', 'yy', '%s', "'"), { freq: 6 });
