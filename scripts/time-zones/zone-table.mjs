// The rules of all zones as zone-table.ts has them.
import { createRequire } from 'node:module';

const moment = createRequire(import.meta.url)('moment-timezone');
const data = createRequire(import.meta.url)('moment-timezone/data/packed/latest.json');

const QUARTER = 900;

export function zoneTable() {
  const names = new Map();
  for (const packed of data.zones) {
    const { name, offsets, untils } = moment.tz.unpack(packed);
    const line = lineOf(offsets, untils);
    names.set(line, [...(names.get(line) ?? []), name, ...linksTo(name)]);
  }
  return {
    version: data.version,
    lines: [...names].map(([line, all]) => `${all.sort().join(' ')}|${line}`).sort(),
  };
}

function linksTo(name) {
  return data.links
    .map((link) => link.split('|'))
    .filter(([to]) => to === name)
    .map(([, other]) => other);
}

/** @param offsets in minutes west of UTC @param untils when each of them ended, in milliseconds since 1970 */
function lineOf(offsets, untils) {
  const changes = [];
  let offset;
  offsets.forEach((minutesWest, at) => {
    const next = Math.round(-minutesWest * 60) + 0;
    const from = at === 0 ? -Infinity : untils[at - 1] / 1000;
    if (from <= 0 || offset === undefined) offset = next;
    else if (next !== (changes.at(-1)?.offset ?? offset)) changes.push({ at: from, offset: next });
  });
  const used = [...new Set([offset, ...changes.map((change) => change.offset)])];
  const unit = changes.every(({ at }) => at % QUARTER === 0) ? QUARTER : 1;
  let before = 0;
  const texts = changes.map((change) => {
    const text = `${((change.at - before) / unit).toString(36)}${used.indexOf(change.offset).toString(36)}`;
    before = change.at;
    return text;
  });
  return `${used.join(' ')}|${texts.join(' ')}${unit === QUARTER && texts.length > 0 ? ' q' : ''}`;
}
