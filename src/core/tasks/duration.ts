// A length of time as people write it: "500ms", "30s", "15m", "1h", "7d"; a number is milliseconds. SQL reads the same (sluice.duration).

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** What `Duration` texts look like, for JSON Schema. */
export const DURATION_PATTERN = FORM.source;

/** Milliseconds, or a text as above. */
export type Duration = number | string;

/** @returns whole milliseconds @throws RangeError for what is no length of time */
export function durationMs(duration: Duration): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return Math.round(duration);
  } else {
    const [, amount, unit] = FORM.exec(duration) ?? [];
    if (unit !== undefined) return Math.round(Number(amount) * UNIT_MS[unit]!);
  }
  throw new RangeError(
    `${JSON.stringify(duration)} is no duration. Give milliseconds, or a text such as "500ms", "30s", "15m", "1h", "7d".`,
  );
}
