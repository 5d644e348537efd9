/** A name in double quotes, for SQL: the one place that quotes identifiers. Postgres takes any name that is quoted, except one with a NUL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
