// What kind of error a span ended with: its code, or the name of its class. Messages may quote values of records, so they stay out.

/** SQLSTATE, the codes of Node (ECONNREFUSED) and ours (UPLOAD_TOO_LARGE) are such words. */
const CODE = /^[A-Za-z0-9_.-]{1,60}$/;

export function errorType(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && CODE.test(code)) return code;
  }
  return error instanceof Error && CODE.test(error.name) ? error.name : '_OTHER';
}
