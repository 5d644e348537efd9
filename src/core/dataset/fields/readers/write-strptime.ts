// The other way: a date or time as a pattern would have it.

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const COMPOSITES: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
};
const ISO = /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?$/;

/** @param iso without offset @returns undefined for a text or pattern that it does not know */
export function writeStrptime(pattern: string, iso: string): string | undefined {
  const match = ISO.exec(iso);
  if (match === null || !pattern.includes('%')) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '0'] =
    match;
  const hour12 = String(Number(hour) % 12 || 12);
  const parts: Readonly<Record<string, string>> = {
    Y: year,
    y: year.slice(2),
    m: month,
    b: MONTHS[Number(month) - 1]?.slice(0, 3) ?? '',
    B: MONTHS[Number(month) - 1] ?? '',
    d: day,
    e: String(Number(day)),
    o: String(Number(day)),
    H: hour,
    I: hour12.padStart(2, '0'),
    p: Number(hour) < 12 ? 'AM' : 'PM',
    M: minute,
    S: second,
    f: fraction,
    z: '+00:00',
    '%': '%',
  };
  const flat = pattern.replace(/%([FTRD])/g, (_, letter: string) => COMPOSITES[letter]!);
  let isKnown = true;
  const text = flat.replace(/%(.)/g, (_, letter: string) => {
    const part = parts[letter];
    isKnown &&= part !== undefined && part !== '';
    return part ?? '';
  });
  return isKnown ? text : undefined;
}
