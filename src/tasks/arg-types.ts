// Arguments that JSON has no types for. They go over as JSON Schema has them, and the code gets dates and big integers.
import { Type, type TObject, type TSchema } from 'typebox';

/** What the schema says of a value that the code takes otherwise than JSON has it. */
const MARK = 'x-sluice';

/** A point in time: a text of RFC 3339 in JSON, a Date in the code. */
export function dateTime(options: { readonly description?: string } = {}) {
  return Type.Unsafe<Date>({ type: 'string', format: 'date-time', [MARK]: 'date', ...options });
}

/** An integer of any size: a number in JSON, a bigint in the code. */
export function bigInteger(options: { readonly description?: string } = {}) {
  return Type.Unsafe<bigint>({ type: 'integer', [MARK]: 'bigint', ...options });
}

type Decode = (value: unknown) => unknown;
const same: Decode = (value) => value;

/** @returns what makes of checked arguments those that the code takes; it changes nothing where no date and no big integer is described */
export function decodeArgs(schema: TObject): Decode {
  return decoderOf(schema) ?? same;
}

function decoderOf(schema: TSchema): Decode | undefined {
  const {
    [MARK]: mark,
    properties,
    items,
  } = schema as {
    [MARK]?: 'date' | 'bigint';
    properties?: Record<string, TSchema>;
    items?: TSchema;
  };
  if (mark === 'date') return (value) => (typeof value === 'string' ? new Date(value) : value);
  if (mark === 'bigint') return (value) => (typeof value === 'number' ? BigInt(value) : value);
  if (items !== undefined) {
    const each = decoderOf(items);
    return each && ((value) => (Array.isArray(value) ? value.map(each) : value));
  }
  const decoders = Object.entries(properties ?? {}).flatMap(([name, property]) => {
    const decode = decoderOf(property);
    return decode === undefined ? [] : [[name, decode] as const];
  });
  if (decoders.length === 0) return undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const decoded: Record<string, unknown> = { ...value };
    for (const [name, decode] of decoders) if (name in decoded) decoded[name] = decode(decoded[name]);
    return decoded;
  };
}
