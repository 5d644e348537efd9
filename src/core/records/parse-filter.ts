// Filters as PostgREST writes them: `gte.18`, `not.in.(a,"b,c")`, and of `or` and `and` `(age.gte.18,not.and(a.eq.1,b.is.null))`.
import { cutValue } from '../imports/row-error.ts';
import { findColumn } from './find-column.ts';
import { unescapeName } from './names.ts';
import { conditionOf, isOperator, OPERATORS } from './operands.ts';
import { MAX_CONDITIONS, MAX_DEPTH, MAX_IN_VALUES, refuseQuery, type Condition } from './query.ts';
import type { RecordColumn, RecordShape } from './record-shape.ts';

/** The filter of one parameter, which is named after its column. @throws AppError QUERY_INVALID */
export function parseColumnFilter(column: RecordColumn, text: string, pointer: string): Condition {
  const scanner = new Scanner(text, pointer);
  return scanner.operation(column, false);
}

/** The filter of a parameter `or`, `and`, `not.or` or `not.and`. @throws AppError QUERY_INVALID */
export function parseTree(shape: RecordShape, name: string, text: string, pointer: string): Condition {
  const scanner = new Scanner(text, pointer);
  const tree = scanner.tree(shape, name.endsWith('or') ? 'any' : 'all', 0);
  scanner.expectEnd();
  return name.startsWith('not.') ? { is: 'not', of: tree } : tree;
}

export function isTreeName(name: string): boolean {
  return /^(?:not\.)?(?:and|or)$/.test(name);
}

/** Ends a value that is not in quotes. */
const ENDS_VALUE = /[,)]/g;
/** Ends the name of a field: the dot before its operator. */
const NAME = /(?:"((?:[^"\\]|\\.)*)"|([^.,()"]+))\./y;
const TREE = /(not\.)?(and|or)\(/y;

class Scanner {
  readonly #text: string;
  readonly #pointer: string;
  #at = 0;
  #conditions = 0;

  constructor(text: string, pointer: string) {
    this.#text = text;
    this.#pointer = pointer;
  }

  /** What stands between brackets, and the brackets. */
  tree(shape: RecordShape, is: 'all' | 'any', depth: number): Condition {
    if (depth > MAX_DEPTH) this.#refuse(`is nested more than ${MAX_DEPTH} levels deep`);
    this.#expect('(');
    const of: Condition[] = [];
    do of.push(this.#member(shape, depth));
    while (this.#take(','));
    this.#expect(')');
    return { is, of };
  }

  /** `not.gte.18`. @param nested the value ends at a comma or bracket, unless it is in quotes */
  operation(column: RecordColumn, nested: boolean): Condition {
    if (++this.#conditions > MAX_CONDITIONS) this.#refuse(`has more than ${MAX_CONDITIONS} comparisons`);
    if (this.#take('not.')) return { is: 'not', of: this.operation(column, nested) };
    const operator = /[a-z]*/y;
    operator.lastIndex = this.#at;
    const name = operator.exec(this.#text)![0];
    if (!isOperator(name) || this.#text[this.#at + name.length] !== '.')
      this.#refuse(
        `has "${cutValue(this.#text.slice(this.#at, this.#at + 40))}" where an operator and a dot are expected, such as eq. (${OPERATORS.join(', ')}, or not. before one)`,
      );
    this.#at += name.length + 1;
    const values = name === 'in' ? this.#list(nested) : [nested ? this.#value() : this.#rest()];
    return conditionOf(column, name, values, this.#pointer);
  }

  expectEnd(): void {
    if (this.#at < this.#text.length)
      this.#refuse(`goes on behind its end with "${cutValue(this.#text.slice(this.#at, this.#at + 40))}"`);
  }

  #member(shape: RecordShape, depth: number): Condition {
    TREE.lastIndex = this.#at;
    const tree = TREE.exec(this.#text);
    if (tree !== null) {
      this.#at = TREE.lastIndex - 1;
      const of = this.tree(shape, tree[2] === 'or' ? 'any' : 'all', depth + 1);
      return tree[1] === undefined ? of : { is: 'not', of };
    }
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text);
    if (name === null) this.#refuse(`lacks a field, an operator and a value at character ${this.#at + 1}`);
    this.#at = NAME.lastIndex;
    const column = findColumn(
      shape.columns,
      name[1] === undefined ? name[2]! : unescapeName(name[1]),
      this.#pointer,
    );
    return this.operation(column, true);
  }

  #list(nested: boolean): string[] {
    this.#expect('(');
    if (this.#take(')')) {
      if (!nested) this.expectEnd();
      return [];
    }
    const values: string[] = [];
    do {
      values.push(this.#value());
      if (values.length > MAX_IN_VALUES) this.#refuse(`lists more than ${MAX_IN_VALUES} values`);
    } while (this.#take(','));
    this.#expect(')');
    if (!nested) this.expectEnd();
    return values;
  }

  /** In quotes any character may stand, with a backslash before `"` and itself. */
  #value(): string {
    if (this.#text[this.#at] === '"') {
      const quoted = /"((?:[^"\\]|\\.)*)"(?=[,)]|$)/sy;
      quoted.lastIndex = this.#at;
      const found = quoted.exec(this.#text);
      if (found !== null) {
        this.#at = quoted.lastIndex;
        return unescapeName(found[1]!);
      }
    }
    ENDS_VALUE.lastIndex = this.#at;
    const end = ENDS_VALUE.exec(this.#text)?.index ?? this.#text.length;
    const value = this.#text.slice(this.#at, end);
    this.#at = end;
    return value;
  }

  #rest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return rest;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) this.#refuse(`lacks "${char}" at character ${this.#at + 1}`);
  }

  #refuse(says: string): never {
    return refuseQuery(`The filter ${this.#pointer.slice(1)} ${says}.`, { pointer: this.#pointer });
  }
}
