// What clocks of a time zone show, found without the product: by moment-timezone, whose copy of the IANA database is newer than that of most Nodes, and
// by Intl where Node's is newer, or where moment-timezone's ends.
import moment from 'moment-timezone';

const TABLE_FROM = 0;
const TABLE_TO = Date.UTC(2500, 0, 1);
const isNewer = moment.tz.dataVersion > (process.versions['tz'] ?? '');
const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds since 1970 as if what a clock shows at an instant were UTC. */
export function reading(timeZone: string, instant: number): number {
  const isInTable = instant >= TABLE_FROM && instant < TABLE_TO;
  const zone = isNewer && isInTable ? moment.tz.zone(timeZone) : null;
  if (zone !== null) return instant - Math.round(zone.utcOffset(instant) * 60) * 1000;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return Date.parse(`${format.format(instant).replace(' ', 'T')}Z`) + (((instant % 1000) + 1000) % 1000);
}
