// What an entry of the table of upload options says (options/table.ts), and the kinds that several entries share.
import { Type, type TSchema } from 'typebox';
import { AppError } from '../../errors.ts';

export type OptionSchema = TSchema & {
  readonly default?: string | number | boolean;
  readonly enum?: readonly string[];
};

/** One option of an upload. Parser, OpenAPI, command and docs are made from it. */
export interface UploadOption<Value> {
  /** Its true type, with choices, limits and default. */
  readonly schema: OptionSchema;
  /** One sentence, for everybody. */
  readonly doc: string;
  /** What else there is to know, for OpenAPI and docs/upload-options.md. */
  readonly more?: string;
  /** What holds when it is left out and the schema has no default. */
  readonly without?: string;
  /** Reads the text of a form field or of the query; undefined when it is not given. @throws AppError INVALID_REQUEST */
  readonly read: (text: string | undefined, name: string) => Value;
  /** Without it nothing can be taken. */
  readonly required?: true;
  /** The choices of the schema have other names too, which `read` knows. */
  readonly takesOthers?: true;
  /** A form part of Content-Type application/json may hold an object. */
  readonly takesObject?: true;
  /** How `sluice import` takes it, and `sluice retry` unless the option is `fixed`. */
  readonly flag: Flag;
  /**
   * What a retry makes of it: `own`, each retry says it anew; `inherited`, it is that of the import unless the retry says
   * otherwise; `fixed`, it is that of the import.
   */
  readonly retry: 'own' | 'inherited' | 'fixed';
}

export interface Flag {
  /** As commander takes it; the long name is the option's in kebab-case. */
  readonly flags: string;
  /** In place of `doc`, for a flag that says the opposite. */
  readonly help?: string;
}

type Rest<Value> = Omit<UploadOption<Value>, 'schema' | 'read'>;

/** A text that `parse` reads; without it the option is undefined. */
export function text<Value>(
  parse: (text: string, name: string) => Value,
  { schema = Type.String(), ...rest }: Rest<Value | undefined> & { readonly schema?: OptionSchema },
): UploadOption<Value | undefined> {
  return { ...rest, schema, read: (said, name) => (said === undefined ? undefined : parse(said, name)) };
}

/** One of several words, with a default. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  { default: fallback, ...rest }: Rest<Choice> & { readonly default: NoInfer<Choice> },
): UploadOption<Choice> {
  return {
    ...rest,
    schema: Type.Enum([...choices], { type: 'string', default: fallback }),
    read: (said = fallback, name) => readChoice(said, choices, name),
  };
}

/** One of several words; without it the option is undefined. */
export function choiceOrNone<const Choice extends string>(
  choices: readonly Choice[],
  rest: Rest<Choice | undefined>,
): UploadOption<Choice | undefined> {
  const schema = Type.Enum([...choices], { type: 'string' });
  return text((said, name) => readChoice(said, choices, name), { ...rest, schema });
}

export function flag(fallback: boolean, rest: Rest<boolean>): UploadOption<boolean> {
  return {
    ...rest,
    schema: Type.Boolean({ default: fallback }),
    read: (said = String(fallback), name) => readChoice(said, ['true', 'false'], name) === 'true',
  };
}

/** A whole number from `min` (0 when left out) to `max`. */
export function count(
  max: number,
  fallback: number,
  { min = 0, ...rest }: Rest<number> & { readonly min?: number },
): UploadOption<number> {
  return {
    ...rest,
    schema: Type.Integer({ minimum: min, maximum: max, default: fallback }),
    read: (said = String(fallback), name) => readCount(said, min, max, name),
  };
}

/** Without it the option is undefined. */
export function flagOrNone(rest: Rest<boolean | undefined>): UploadOption<boolean | undefined> {
  return text((said, name) => readChoice(said, ['true', 'false'], name) === 'true', {
    ...rest,
    schema: Type.Boolean(),
  });
}

/** A whole number from 0; without it the option is undefined. */
export function countOrNone(max: number, rest: Rest<number | undefined>): UploadOption<number | undefined> {
  return text((said, name) => readCount(said, 0, max, name), {
    ...rest,
    schema: Type.Integer({ minimum: 0, maximum: max }),
  });
}

function readCount(said: string, min: number, max: number, name: string): number {
  if (!/^\d+$/.test(said) || Number(said) > max || Number(said) < min)
    throw wrong(name, `must be a whole number from ${min} to ${max}, not "${said.slice(0, 40)}"`);
  return Number(said);
}

function readChoice<Choice extends string>(said: string, choices: readonly Choice[], name: string): Choice {
  const chosen = choices.find((each) => each === said);
  if (chosen === undefined) throw wrong(name, `must be ${choices.join(' or ')}, not "${said.slice(0, 40)}"`);
  return chosen;
}

/** @param says what ends the sentence `The option "…" …` */
export function wrong(option: string, says: string): AppError {
  return new AppError('INVALID_REQUEST', `The option "${option}" ${says}.`, { option });
}
