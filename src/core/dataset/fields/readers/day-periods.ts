// Names of the parts of the day on a clock of twelve hours.
import { fold, kept, type Name } from './names.ts';

/** By the hour of a clock of twelve, from 0 (which is 12): the hour of 24 that it is in a part of the day; -1: none, or more than one. */
export type DayPeriod = readonly number[];

const CLOCK = Array.from({ length: 12 }, (_, hour) => hour);
export const AM: DayPeriod = CLOCK;
export const PM: DayPeriod = CLOCK.map((hour) => hour + 12);
const ALWAYS: readonly Name<DayPeriod>[] = [
  ...['am', '午前', '上午', '오전'].map((name) => ({ folded: fold(name), meaning: AM })),
  ...['pm', '午後', '下午', '오후'].map((name) => ({ folded: fold(name), meaning: PM })),
];

/** AM and PM, those of East Asia, and those that Intl writes in a locale: some have more than two, and more of them before seconds. */
export const dayPeriods = kept((locale): readonly Name<DayPeriod>[] => {
  const covered = new Map<string, Set<number>>();
  for (const seconds of [{}, { second: '2-digit' }] as const) {
    const format = new Intl.DateTimeFormat(locale, {
      ...seconds,
      hour: 'numeric',
      minute: '2-digit',
      hour12: true,
      timeZone: 'UTC',
      numberingSystem: 'latn',
    });
    for (let hour = 0; hour < 24; hour++) {
      const parts = format.formatToParts(Date.UTC(2024, 0, 15, hour, 30));
      const name = fold(parts.find(({ type }) => type === 'dayPeriod')?.value ?? '');
      if (name !== '') covered.set(name, (covered.get(name) ?? new Set()).add(hour));
    }
  }
  const written = [...covered].map(([folded, hours]) => ({ folded, meaning: periodOf([...hours]) }));
  return [...written, ...ALWAYS.filter(({ folded }) => !covered.has(folded))].sort(
    (a, b) => b.folded.length - a.folded.length,
  );
});

function periodOf(hours: readonly number[]): DayPeriod {
  return CLOCK.map((hour) => {
    const [only, second] = hours.filter((each) => each % 12 === hour);
    return only === undefined || second !== undefined ? -1 : only;
  });
}

export function hourIn(period: DayPeriod, hour: number): number {
  return period[hour % 12]!;
}
