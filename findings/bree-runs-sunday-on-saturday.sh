#!/usr/bin/env bash
# bree 9.2.9 with @breejs/later 4.2.0: in a cron expression 7, which is Sunday, runs on Saturday.
#
# Usual guess: 0 and 7 both are Sunday, 5-7 is Friday to Sunday, and 30 4 1,15 * 5 runs on each 1st, 15th and Friday, as crontab(5) says of it.
# What happens: 7 gives the same schedule as 6, and 5-7 is Friday and Saturday. A day of the month and one of the week must both fit, so that the third
#   example runs 4 times in 2024, not 72 times. bree checks each expression with cron-validate before, which finds them valid. 0 and sun are right.
# What it costs: the report of the week is made before its last day, a backup of the weekend misses Sunday, a job that was moved from crontab hardly
#   ever runs. Nobody is told.
#
# Output seen:
#   0 0 * * 7: bree Sat 06 Jan 2024, cron-parser Sun 07 Jan 2024
#   0 0 * * 0: bree Sun 07 Jan 2024, cron-parser Sun 07 Jan 2024
#   30 4 1,15 * 5: bree Fri 01 Mar 2024, cron-parser Mon 01 Jan 2024
#   runs of 30 4 1,15 * 5 in 2024: bree 4, cron-parser 72
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund bree@9.2.9 @breejs/later@4.2.0 cron-parser@5.10.6

touch job.js
cat >main.cjs <<'JS'
const later = require('@breejs/later');
const Bree = require('bree');
const { CronExpressionParser } = require('cron-parser');

const start = new Date('2024-01-01T00:00:00Z');
async function byBree(cron, count) {
  const bree = new Bree({ root: false, logger: false, timezone: 'UTC', jobs: [{ name: 'job', path: `${__dirname}/job.js`, cron }] });
  await bree.init();
  return [later.schedule(bree.config.jobs[0].interval).next(count, start)].flat();
}
function byCronParser(cron, count) {
  const runs = CronExpressionParser.parse(cron, { currentDate: new Date(start - 1), tz: 'UTC' });
  return Array.from({ length: count }, () => runs.next().toDate());
}
const day = ([date]) => date.toUTCString().slice(0, 16).replace(',', '');
const of2024 = (dates) => dates.filter((date) => date.getUTCFullYear() === 2024).length;
(async () => {
  const lines = [];
  for (const cron of ['0 0 * * 7', '0 0 * * 0', '30 4 1,15 * 5'])
    lines.push(`${cron}: bree ${day(await byBree(cron, 1))}, cron-parser ${day(byCronParser(cron, 1))}`);
  const cron = '30 4 1,15 * 5';
  lines.push(`runs of ${cron} in 2024: bree ${of2024(await byBree(cron, 100))}, cron-parser ${of2024(byCronParser(cron, 100))}`);
  console.log(lines.join('\n'));
  const SEEN = [
    '0 0 * * 7: bree Sat 06 Jan 2024, cron-parser Sun 07 Jan 2024',
    '0 0 * * 0: bree Sun 07 Jan 2024, cron-parser Sun 07 Jan 2024',
    '30 4 1,15 * 5: bree Fri 01 Mar 2024, cron-parser Mon 01 Jan 2024',
    'runs of 30 4 1,15 * 5 in 2024: bree 4, cron-parser 72',
  ];
  if (lines.join() !== SEEN.join()) {
    console.error('This has changed.');
    process.exit(1);
  }
})();
JS
TZ=UTC node main.cjs
