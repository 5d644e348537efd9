// The one builder of SQL for queries over records: names pass through the quoting function, values are parameters.
import type { Condition, OrderTerm, RecordQuery } from '../../core/records/query.ts';
import type { RecordColumn, RecordShape } from '../../core/records/record-shape.ts';
import { leavesOf, type Value } from '../../core/records/write-record.ts';
import { identifier, qualifiedName } from '../identifiers.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The main table's name in all statements; a linked one is `l0`, `l1`, … */
export const MAIN = 't';
const aliasOf = ({ link }: RecordColumn): string => (link === undefined ? MAIN : `l${link}`);

/** Values of one statement, numbered as they come, and how its text refers to them. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: string): string {
    return `${this.refer(this.values.push(value))}::${type}`;
  }

  protected refer(number: number): string {
    return `$${number}`;
  }
}

/** Of COPY and DECLARE, which take no parameters: settings of the transaction carry the values (`settingsStatement`). */
export class SettingParameters extends Parameters {
  protected override refer(number: number): string {
    return `current_setting('sluice.p${number}')`;
  }
}

/** Sets what a statement with `SettingParameters` reads, for the transaction; undefined when there is nothing to set. */
export function settingsStatement({ values }: Parameters): Statement | undefined {
  if (values.length === 0) return undefined;
  const sets = values.map((_, at) => `set_config('sluice.p${at + 1}', $${at + 1}::text, true)`);
  return { text: `SELECT ${sets.join(', ')}`, values };
}

export function columnSql(column: RecordColumn): string {
  const { natural } = column;
  if (natural !== undefined)
    return `(SELECT o.${identifier(natural.by)} FROM ${qualifiedName(natural)} AS o WHERE o.${identifier(natural.takes)} = ${aliasOf(column)}.${identifier(natural.column)})`;
  return `${aliasOf(column)}.${identifier(column.name)}`;
}

const TEXTS = ['text', 'character varying', 'bpchar', 'citext'];

/** What a pattern is compared with. */
function textSql(column: RecordColumn): string {
  return TEXTS.includes(column.sqlType) ? columnSql(column) : `${columnSql(column)}::text`;
}

/** The main table under its name in statements. */
export function mainSql({ schema, table }: RecordShape): string {
  return `${qualifiedName({ schema, table })} AS ${MAIN}`;
}

/** Joins of the linked tables that the columns need; nothing or text with a blank before it. */
export function joinsSql({ schema, links }: RecordShape, columns: readonly RecordColumn[]): string {
  const needed = new Set(columns.map(({ link }) => link));
  return links
    .flatMap((link, at) =>
      needed.has(at)
        ? ` LEFT JOIN ${qualifiedName({ schema, table: link.table })} AS l${at} ON l${at}.id = ${MAIN}.${identifier(link.column)}`
        : [],
    )
    .join('');
}

export function fromSql(shape: RecordShape, columns: readonly RecordColumn[]): string {
  return `FROM ${mainSql(shape)}${joinsSql(shape, columns)}`;
}

export function columnsIn(condition: Condition): RecordColumn[] {
  switch (condition.is) {
    case 'all':
    case 'any':
      return condition.of.flatMap(columnsIn);
    case 'not':
      return columnsIn(condition.of);
    default:
      return [condition.column];
  }
}

const COMPARE = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

export function conditionSql(condition: Condition, parameters: Parameters): string {
  switch (condition.is) {
    case 'all':
    case 'any': {
      if (condition.of.length === 0) return condition.is === 'all' ? 'true' : 'false';
      const word = condition.is === 'all' ? ' AND ' : ' OR ';
      return `(${condition.of.map((each) => conditionSql(each, parameters)).join(word)})`;
    }
    case 'not':
      return `NOT ${bracketed(conditionSql(condition.of, parameters))}`;
    case 'null':
      return `${columnSql(condition.column)} IS NULL`;
    case 'true':
    case 'false':
      return `${columnSql(condition.column)} IS ${condition.is.toUpperCase()}`;
    case 'like':
    case 'ilike':
      return `${textSql(condition.column)} ${condition.is.toUpperCase()} ${parameters.add(condition.pattern, 'text')}`;
    case 'in': {
      const { column, values } = condition;
      return `${columnSql(column)} = ANY (${parameters.add(values, `${column.sqlType}[]`)})`;
    }
    default: {
      const { column, value } = condition;
      return `${columnSql(column)} ${COMPARE[condition.is]} ${parameters.add(value, column.sqlType)}`;
    }
  }
}

const bracketed = (text: string): string => (text.startsWith('(') ? text : `(${text})`);

export function orderSql(order: readonly OrderTerm[]): string {
  return order
    .map(({ column, descending, nullsFirst }) => {
      const way = descending ? ' DESC' : '';
      // As Postgres has it without a word; a column that is never NULL is left to its index.
      const nulls =
        !column.nullable || nullsFirst === descending ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
      return `${columnSql(column)}${way}${nulls}`;
    })
    .join(', ');
}

/**
 * The rows behind the one with these values, in the order. Where the columns are never NULL and all go one way, a comparison of rows,
 * which an index takes whole; otherwise column by column: behind in the first, or the same in it and behind in the rest.
 */
export function afterSql(
  order: readonly OrderTerm[],
  values: readonly Value[],
  parameters: Parameters,
): string {
  const [first] = order;
  const isPlain = order.every(
    ({ column, descending }) => !column.nullable && descending === first!.descending,
  );
  if (isPlain) {
    const at = order.map(({ column }, index) => parameters.add(values[index], column.sqlType));
    const names = order.map(({ column }) => columnSql(column));
    const sign = first!.descending ? '<' : '>';
    return order.length === 1
      ? `${names[0]} ${sign} ${at[0]}`
      : `(${names.join(', ')}) ${sign} (${at.join(', ')})`;
  }
  return order.reduceRight((rest, { column, descending, nullsFirst }, index) => {
    const name = columnSql(column);
    const value = values[index] ?? null;
    if (value === null) {
      const equal = rest === '' ? '' : `${name} IS NULL AND ${rest}`;
      if (!nullsFirst) return equal === '' ? 'false' : `(${equal})`;
      return equal === '' ? `${name} IS NOT NULL` : `(${name} IS NOT NULL OR (${equal}))`;
    }
    const at = parameters.add(value, column.sqlType);
    const behind = `${name} ${descending ? '<' : '>'} ${at}${column.nullable && !nullsFirst ? ` OR ${name} IS NULL` : ''}`;
    return rest === '' ? `(${behind})` : `(${behind} OR (${name} = ${at} AND ${rest}))`;
  }, '');
}

/** Which row stands in which version: of the main table and of the linked ones. */
export function versionSql({ links }: RecordShape): string {
  const versions = [MAIN, ...links.map((_, at) => `l${at}`)].map(
    (alias) => `coalesce(${alias}.xmin::text, '')`,
  );
  return versions.join(` || '-' || `);
}

/** A column of each linked table, so that all are joined. */
export function linkColumns({ links }: RecordShape): RecordColumn[] {
  return links.map(({ columns }) => columns[0]!);
}

export interface PageQuery extends RecordQuery {
  /** Of `readCursor`. */
  readonly after?: readonly Value[] | undefined;
  readonly limit: number;
}

export interface PageStatement extends Statement {
  /** Where the values of the order's columns stand in a row. */
  readonly orderAt: readonly number[];
}

/**
 * Each row: the leaves of `select`, then those of the order's columns that are not among them. The limit is part of the text: of one that
 * it does not know, Postgres would make another plan each time.
 */
export function pageStatement(shape: RecordShape, query: PageQuery): PageStatement {
  const { select, where, order, after, limit } = query;
  const parameters = new Parameters();
  const columns = leavesOf(select);
  const orderAt = order.map(({ column }) => {
    const at = columns.indexOf(column);
    return at === -1 ? columns.push(column) - 1 : at;
  });
  const conditions = [
    ...(where.is === 'all' && where.of.length === 0 ? [] : [conditionSql(where, parameters)]),
    ...(after === undefined ? [] : [afterSql(order, after, parameters)]),
  ];
  const whereText = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const text = `SELECT ${columns.map(columnSql).join(', ')} ${fromSql(shape, [...columns, ...columnsIn(where)])}${whereText} ORDER BY ${orderSql(order)} LIMIT ${Math.trunc(limit)}`;
  return { text, values: parameters.values, orderAt };
}

/** All rows of a query: what is counted, and what an export has. @param columns those that the expressions are about */
export function rowsStatement(
  shape: RecordShape,
  { where }: Pick<RecordQuery, 'where'>,
  columns: readonly RecordColumn[],
  expressions: readonly string[],
  parameters: Parameters = new Parameters(),
): Statement {
  const filter = conditionSql(where, parameters);
  return {
    text: `SELECT ${expressions.join(', ')} ${fromSql(shape, [...columns, ...columnsIn(where)])} WHERE ${filter}`,
    values: parameters.values,
  };
}
