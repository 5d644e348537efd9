// What an entry of the table of settings is, and the usual ways to read one.

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** One environment variable: how it is read, what it is without it, and what it is for. */
export interface Setting<T> {
  readonly env: string;
  /** As shown in the documentation. */
  readonly defaultText: string;
  readonly doc: string;
  /** Reads the text of the variable; undefined when it is not set. Throws an Error whose message ends the sentence "NAME …". */
  readonly read: (text: string | undefined) => T;
  /** Never printed. */
  readonly secret?: boolean;
}

/** A whole number within a range. */
export function integer(
  env: string,
  fallback: number,
  range: { min: number; max: number },
  doc: string,
): Setting<number> {
  return {
    env,
    defaultText: String(fallback),
    doc,
    read: (text) => {
      if (text === undefined) return fallback;
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < range.min || value > range.max)
        throw new Error(`must be a whole number from ${range.min} to ${range.max}, not "${text}"`);
      return value;
    },
  };
}

export function text<T extends string | undefined>(
  env: string,
  fallback: T,
  doc: string,
  extra: Partial<Setting<T>> = {},
): Setting<T | string> {
  return { env, defaultText: fallback ?? '', doc, read: (value) => value ?? fallback, ...extra };
}

export function oneOf<T extends string>(
  env: string,
  values: readonly T[],
  fallback: T,
  doc: string,
): Setting<T> {
  return {
    env,
    defaultText: fallback,
    doc,
    read: (value) => {
      if (value === undefined) return fallback;
      if (!(values as readonly string[]).includes(value))
        throw new Error(`must be one of ${values.join(', ')}, not "${value}"`);
      return value as T;
    },
  };
}

export function url(
  env: string,
  fallback: string,
  protocols: readonly string[],
  doc: string,
): Setting<string> {
  return {
    env,
    defaultText: fallback,
    doc,
    secret: true,
    read: (value) => {
      if (value === undefined) return fallback;
      if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
        throw new Error(`must be a URL beginning with ${protocols.map((p) => `${p}//`).join(' or ')}`);
      return value;
    },
  };
}

/** Hosts with commas between them, in lower case. */
export function hostList(text: string): readonly string[] {
  return text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
}
