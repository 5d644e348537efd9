// What the catalog tells of the rules that a table's rows must keep, as SQL that other statements are made of.
import type { CopyTarget } from '../landing/copy.ts';
import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';

/** A CHECK constraint; `expression` names the table's columns without their table. */
export interface CheckRule {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

export interface ForeignKeyRule {
  readonly name: string;
  readonly columns: readonly string[];
  /** As FROM takes it: `ONLY` where the rows of child tables do not count. */
  readonly referenced: string;
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  /** Of each column: `OPERATOR(schema.name)`, the referenced column on its left. */
  readonly operators: readonly string[];
  /** True when it refers to rows of its own table, which may land together with those that refer to them. */
  readonly isToItself: boolean;
}

/** A unique index, also one that stands behind a constraint, or an exclusion constraint: no two rows may have keys that meet. */
export interface UniqueRule {
  readonly name: string;
  /** Every column it looks at. */
  readonly columns: readonly string[];
  /** Columns, quoted, and expressions; SQL. */
  readonly keys: readonly string[];
  /** Of each key: two rows meet when all of these say so. Never true of a null. */
  readonly operators: readonly string[];
  /** Of a partial index; SQL. */
  readonly predicate: string | null;
  readonly primary: boolean;
  /** True when ON CONFLICT can name it by its columns. */
  readonly isPlain: boolean;
  readonly isExclusion: boolean;
  /** True when nulls are alike, which the operators do not tell. */
  readonly nullsMeet: boolean;
}

export interface TableRules {
  /** All that are not made by Postgres from others. */
  readonly columns: readonly string[];
  /** Columns that must not be null. */
  readonly notNull: readonly string[];
  /** Columns that must not be null, and are when a row comes without them. */
  readonly required: readonly string[];
  readonly checks: readonly CheckRule[];
  /** Only those whose referenced rows we may all see. */
  readonly foreignKeys: readonly ForeignKeyRule[];
  /** Columns that foreign keys refer to. */
  readonly referred: readonly string[];
  readonly uniques: readonly UniqueRule[];
  /** True when triggers may change or drop a row before its rules are looked at, or rewrite rules replace the INSERT. */
  readonly changesInserts: boolean;
  /** The same of an UPDATE; our own trigger, which sets `updated_at`, does not count. */
  readonly changesUpdates: boolean;
  /** True when a partition has keys that its table has not. */
  readonly hasHiddenKeys: boolean;
  /** True when a unique or exclusion constraint is DEFERRABLE: ON CONFLICT cannot be used then. */
  readonly hasDeferrableKeys: boolean;
}

/** Reads the rules of each table. Their rows land together: foreign keys from one of them to another are left out. */
export async function readTableRules(tx: Tx, tables: readonly CopyTarget[]): Promise<TableRules[]> {
  const { rows } = await tx.$client.query<{ rules: TableRules }>(
    `SELECT jsonb_build_object(
              'columns', ${COLUMNS("a.attgenerated = ''")},
              'notNull', ${COLUMNS('a.attnotnull')},
              'required', ${COLUMNS("a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''")},
              'checks', ${CHECKS},
              'foreignKeys', ${FOREIGN_KEYS},
              'referred', ${COLUMNS("EXISTS (SELECT FROM pg_constraint con WHERE con.confrelid = t.oid AND con.contype = 'f' AND a.attnum = ANY (con.confkey))")},
              'uniques', ${UNIQUES},
              'changesInserts', ${changesRows(4)},
              'changesUpdates', ${changesRows(16)},
              'hasHiddenKeys', EXISTS (
                SELECT FROM pg_partition_tree(t.oid) part JOIN pg_index i ON i.indrelid = part.relid
                 WHERE part.level > 0 AND (i.indisunique OR i.indisexclusion)
                   AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = i.indexrelid)),
              'hasDeferrableKeys', EXISTS (
                SELECT FROM pg_index i WHERE i.indrelid = t.oid AND NOT i.indimmediate AND (i.indisunique OR i.indisexclusion))
            ) AS rules
       FROM unnest($1::text[]) WITH ORDINALITY AS landed (name, at)
       JOIN pg_class t ON t.oid = landed.name::regclass
      ORDER BY landed.at`,
    [tables.map(qualifiedName)],
  );
  return rows.map(({ rules }) => rules);
}

const COLUMNS = (condition: string): string => `(
  SELECT coalesce(jsonb_agg(a.attname ORDER BY a.attnum), '[]')
    FROM pg_attribute a
   WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${condition})`;

/** The names of columns whose numbers are in an array, in its order. */
const NAMES = (table: string, numbers: string): string => `(
  SELECT coalesce(jsonb_agg(a.attname ORDER BY k.at), '[]')
    FROM unnest(${numbers}) WITH ORDINALITY AS k (attnum, at)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.attnum)`;

const OPERATOR = `format('OPERATOR(%I.%s)', op_schema.nspname, op.oprname)`;

/** Postgres before 18 enforces all constraints, and its catalog has no such column. */
const ENFORCED = `coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)`;

/** In the order in which Postgres looks at them. What one says of a whole row (column 0) cannot be asked of columns. */
const CHECKS = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
           'name', con.conname, 'columns', ${NAMES('t.oid', 'con.conkey')},
           'expression', pg_get_expr(con.conbin, con.conrelid)) ORDER BY con.conname), '[]')
    FROM pg_constraint con WHERE con.conrelid = t.oid AND con.contype = 'c' AND ${ENFORCED}
     AND (0 = ANY (con.conkey)) IS NOT TRUE)`;

/**
 * Those to other tables that land together with this one are kept by their rows, or found by trying. So are MATCH FULL and
 * PERIOD. One to a table of partitions has others beneath it, for each partition, which are no rules by themselves.
 */
const FOREIGN_KEYS = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
           'name', con.conname, 'columns', ${NAMES('t.oid', 'con.conkey')},
           'referenced', CASE ref.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || format('%I.%I', ref_schema.nspname, ref.relname),
           'isToItself', ref.oid = t.oid, 'referencedTable', ref.relname, 'referencedColumns', ${NAMES('ref.oid', 'con.confkey')},
           'operators', (SELECT jsonb_agg(${OPERATOR} ORDER BY k.at)
                           FROM unnest(con.conpfeqop) WITH ORDINALITY AS k (oid, at)
                           JOIN pg_operator op ON op.oid = k.oid
                           JOIN pg_namespace op_schema ON op_schema.oid = op.oprnamespace)) ORDER BY con.conname), '[]')
    FROM pg_constraint con
    JOIN pg_class ref ON ref.oid = con.confrelid
    JOIN pg_namespace ref_schema ON ref_schema.oid = ref.relnamespace
   WHERE con.conrelid = t.oid AND con.contype = 'f' AND con.confmatchtype = 's' AND ${ENFORCED}
     AND NOT coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false)
     AND NOT EXISTS (SELECT FROM pg_constraint whole WHERE whole.oid = con.conparentid AND whole.conrelid = con.conrelid)
     AND (con.confrelid = t.oid OR NOT con.confrelid = ANY ($1::text[]::regclass[]))
     AND has_table_privilege(ref.oid, 'SELECT') AND NOT row_security_active(ref.oid))`;

/** Of an index `i`. */
const EQUAL_OPERATORS = `(
  SELECT jsonb_agg(${OPERATOR} ORDER BY k.at)
    FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS k (oid, at)
    JOIN pg_opclass class ON class.oid = k.oid
    JOIN pg_amop amop ON amop.amopfamily = class.opcfamily AND amop.amopstrategy = 3
     AND amop.amoplefttype = class.opcintype AND amop.amoprighttype = class.opcintype
    JOIN pg_operator op ON op.oid = amop.amopopr
    JOIN pg_namespace op_schema ON op_schema.oid = op.oprnamespace)`;

const EXCLUDING_OPERATORS = `(
  SELECT jsonb_agg(${OPERATOR} ORDER BY k.at)
    FROM pg_constraint con
   CROSS JOIN unnest(con.conexclop) WITH ORDINALITY AS k (oid, at)
    JOIN pg_operator op ON op.oid = k.oid
    JOIN pg_namespace op_schema ON op_schema.oid = op.oprnamespace
   WHERE con.conrelid = i.indrelid AND con.conindid = i.indexrelid)`;

/** Keys of the user's own come first: it is them that files break, hardly ever the id. */
const UNIQUES = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
           'name', ind.relname, 'primary', i.indisprimary,
           'isExclusion', i.indisexclusion,
           'nullsMeet', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
           'isPlain', NOT i.indisexclusion AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL,
           'columns', (SELECT coalesce(jsonb_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
                        WHERE a.attrelid = t.oid AND a.attnum > 0
                          AND (a.attnum = ANY (i.indkey) OR EXISTS (
                                SELECT FROM pg_depend d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum))),
           'keys', (SELECT jsonb_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k)
                      FROM generate_series(1, i.indnkeyatts) AS k),
           'operators', CASE WHEN i.indisexclusion THEN ${EXCLUDING_OPERATORS} ELSE ${EQUAL_OPERATORS} END,
           'predicate', pg_get_expr(i.indpred, i.indrelid)) ORDER BY i.indisprimary, i.indexrelid), '[]')
    FROM pg_index i JOIN pg_class ind ON ind.oid = i.indexrelid
   WHERE i.indrelid = t.oid AND (i.indisunique OR i.indisexclusion) AND i.indislive)`;

/**
 * Row triggers before an INSERT (4) or an UPDATE (16; other bits of a trigger's type: 1 row, 2 before), of partitions too; rewrite
 * rules for INSERT or UPDATE.
 */
const changesRows = (event: 4 | 16): string => `(
  EXISTS (SELECT FROM pg_trigger tr
           WHERE (tr.tgrelid = t.oid OR tr.tgrelid IN (SELECT relid FROM pg_partition_tree(t.oid)))
             AND NOT tr.tgisinternal AND tr.tgenabled <> 'D' AND tr.tgtype::int & ${3 + event} = ${3 + event}
             AND tr.tgfoid <> 'sluice.note_update()'::regprocedure)
  OR EXISTS (SELECT FROM pg_rewrite rule WHERE rule.ev_class = t.oid AND rule.ev_type IN ('2', '3')))`;

/** SQL: `changesInserts` of a table `t` of pg_class. */
export const CHANGES_INSERTS = changesRows(4);
