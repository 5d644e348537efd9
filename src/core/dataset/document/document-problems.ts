// Gathers what is wrong with a document, so that its author hears of everything at once.
import type { ErrorItem } from '../../../errors.ts';
import { didYouMean } from '../header/nearest.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Nobody reads more; what else is wrong comes to light when these are mended. */
const MOST_PROBLEMS = 1000;
/** A suggestion takes time. */
const MOST_SUGGESTED = 20;

/** `pointer` arguments are RFC 6901 pointers into the document: `/schema/fields/0/name`. */
export class DocumentProblems {
  readonly items: ErrorItem[] = [];

  add(pointer: string, detail: string): void {
    if (this.items.length < MOST_PROBLEMS) this.items.push({ pointer, detail });
  }

  /** ` Did you mean "…"?`, or nothing. */
  didYouMean(name: string, candidates: readonly string[]): string {
    return this.items.length < MOST_SUGGESTED ? didYouMean(name, candidates) : '';
  }

  /** The value as an object that has no properties but the known ones; undefined, with a problem, when it is none. */
  object(
    value: unknown,
    pointer: string,
    known: readonly string[],
    required: readonly string[] = [],
  ): JsonObject | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(pointer, `must be an object, not ${describe(value)}.`);
      return undefined;
    }
    for (const name of Object.keys(value))
      if (!known.includes(name))
        this.add(
          `${pointer}/${escapeToken(name)}`,
          `The property ${describe(name)} is not known here.${this.didYouMean(name, known)}`,
        );
    for (const name of required)
      if (!Object.hasOwn(value, name)) this.add(pointer, `must have the property "${name}".`);
    return value as JsonObject;
  }

  /** The value as a list; undefined when it is absent or, with a problem, when it is none or holds more than `most`. */
  list(value: unknown, pointer: string, most = Infinity): readonly unknown[] | undefined {
    if (value === undefined) return undefined;
    if (Array.isArray(value)) {
      if (value.length <= most) return value as readonly unknown[];
      this.add(pointer, `holds ${value.length} entries; there may be ${most} at most.`);
      return undefined;
    }
    this.add(pointer, `must be a list, not ${describe(value)}.`);
    return undefined;
  }

  /** A list of texts without repetition; what else it holds becomes problems. */
  texts(value: unknown, pointer: string, most?: number): string[] | undefined {
    const seen = new Set<string>();
    return this.list(value, pointer, most)?.flatMap((item, index) => {
      if (!this.isText(item, `${pointer}/${index}`)) return [];
      if (seen.has(item)) this.add(`${pointer}/${index}`, `${describe(item)} is in the list twice.`);
      seen.add(item);
      return item;
    });
  }

  /** True for a text; a problem otherwise. */
  isText(value: unknown, pointer: string): value is string {
    if (typeof value === 'string') return true;
    this.add(pointer, `must be a text, not ${describe(value)}.`);
    return false;
  }

  /** Checks properties that may be absent and are texts otherwise. */
  optionalTexts(object: JsonObject, pointer: string, names: readonly string[]): void {
    for (const name of names) if (object[name] !== undefined) this.isText(object[name], `${pointer}/${name}`);
  }
}

/** A value of a document, for a sentence. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** A name as a part of a JSON Pointer. */
export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
