// What Postgres says of a failure may hold what somebody has sent: "Key (email)=(ann@example.com) already exists". A log must not, for nobody
// erases a person from a log.

/** Members of errors of Postgres and of Drizzle that hold values. */
const OF_VALUES = ['detail', 'where', 'internalQuery', 'params', 'parameters'];
/** Class 22 of SQLSTATE: the message quotes the value that is wrong. */
const DATA_EXCEPTION = /^22/;

interface FailedQuery extends Error {
  readonly code?: unknown;
  readonly params?: unknown;
}

/**
 * What a logger has made of an error, without values. Codes, names of constraints and the SQL stay.
 * @param logged its `message` and `stack` may have those of causes too
 */
export function withoutValues(error: unknown, logged: Readonly<Record<string, unknown>>) {
  const cuts = causesOf(error).flatMap(cutsOf);
  const cut = (text: unknown): unknown =>
    typeof text === 'string'
      ? cuts.reduce((left, [from, to]) => left.replaceAll(from, () => to), text)
      : text;
  const kept = Object.entries(logged).filter(([name]) => !OF_VALUES.includes(name));
  return { ...Object.fromEntries(kept), message: cut(logged['message']), stack: cut(logged['stack']) };
}

function cutsOf({ message, code, params }: FailedQuery): [string, string][] {
  // So Drizzle ends its message.
  if (Array.isArray(params)) return [[`\nparams: ${String(params)}`, '']];
  if (typeof code !== 'string' || !DATA_EXCEPTION.test(code)) return [];
  return [[message, message.replaceAll(/".*"/gs, '"…"')]];
}

function causesOf(error: unknown): FailedQuery[] {
  const found: FailedQuery[] = [];
  for (let at = error; at instanceof Error && !found.includes(at); at = at.cause) found.push(at);
  return found;
}
