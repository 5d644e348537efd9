import { FOREVER, RETAINED, type Retained, type Retention } from '../retention.ts';
import { describe, type DocumentProblems } from './document-problems.ts';

/** As Postgres reads it too. Whole numbers of six digits at most, none of them all zero. */
const DURATION =
  /^P(?!$)(?=.*[1-9])(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}W)?(\d{1,6}D)?(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?(\d{1,6}S)?)?$/;
/** Times further away are nearly out of the range of Postgres. */
const MOST_DAYS = 36_500;

const DAYS = { type: 'integer', minimum: 1, maximum: MOST_DAYS };
const TEXT = { type: 'string', pattern: DURATION.source };
const PERIOD = { anyOf: [DAYS, TEXT] };
const PERIOD_OR_FOREVER = { anyOf: [DAYS, TEXT, { const: FOREVER }] };

/** As JSON Schema, each with what it is. */
export const RETENTION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    files: { ...PERIOD_OR_FOREVER, description: 'The file of an import and its rejects, from its end on.' },
    rowErrors: { ...PERIOD_OR_FOREVER, description: 'Row errors of an import, from its end on.' },
    imports: {
      ...PERIOD_OR_FOREVER,
      description:
        'All that is known of an import, from its end on; never shorter than its files. Rows that landed stay.',
    },
    exports: { ...PERIOD, description: 'Files of records that tasks have made.' },
  } satisfies Record<Retained, object>,
} as const;

const HOW = 'a whole number of days, or an ISO 8601 duration such as "P90D", "P6M" or "PT12H"';

/** @returns what is kept for how long; numbers of days have become durations */
export function checkRetention(value: unknown, problems: DocumentProblems): Retention | undefined {
  if (value === undefined) return undefined;
  const retention = problems.object(value, '/retention', RETAINED);
  if (retention === undefined) return undefined;
  const checked: Partial<Record<Retained, string>> = {};
  for (const what of RETAINED) {
    const period = retention[what];
    if (period !== undefined) checked[what] = checkPeriod(what, period, problems);
  }
  return checked;
}

function checkPeriod(what: Retained, period: unknown, problems: DocumentProblems): string {
  const mayBeForever = what !== 'exports';
  if (typeof period === 'number' && Number.isInteger(period) && period >= 1 && period <= MOST_DAYS)
    return `P${period}D`;
  if (typeof period === 'string' && ((mayBeForever && period === FOREVER) || isDuration(period)))
    return period;
  problems.add(
    `/retention/${what}`,
    `must be ${HOW}, more than nothing and ${MOST_DAYS} days at most${mayBeForever ? `, or "${FOREVER}"` : ''}, not ${describe(period)}.`,
  );
  return '';
}

function isDuration(text: string): boolean {
  const parts = DURATION.exec(text)?.slice(1);
  if (parts === undefined) return false;
  const [years, months, weeks, days, , hours, minutes, seconds] = parts.map(
    (part) => Number.parseInt(part ?? '0', 10) || 0,
  );
  const inDays =
    years! * 366 + months! * 31 + weeks! * 7 + days! + hours! / 24 + minutes! / 1440 + seconds! / 86_400;
  return inDays <= MOST_DAYS;
}
