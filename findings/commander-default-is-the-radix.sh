#!/usr/bin/env bash
# commander 14.0.3: an option that is read with parseInt and has a default of 8 makes 10 of `--jobs 12`.
#
# Usual guess: parseInt as the function that reads an option makes a number of it, and the default counts when the option is missing.
# What happens: the function is given the value so far as its second argument, so that options can be gathered; that is the default at first, and to
#   parseInt it is the radix. With a default of 10 all is well, with 1 or above 36 it is NaN, and in between it is another number without a word.
# What it costs: a default of 8 workers reads 12 as 10 and 64 as 52; a port whose default is 16 or less is another port. A test that gives 8 as "7" passes.
#
# Output seen (--jobs 12, by the default):
#   none 12, 10 12, 8 10, 16 18, 4 6, 1 NaN, 100 NaN
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund commander@14.0.3

cat >main.cjs <<'JS'
const { Command } = require('commander');

const read = (...defaults) => {
  const program = new Command().option('--jobs <number>', 'how many at once', parseInt, ...defaults);
  return program.parse(['node', 'main', '--jobs', '12']).opts().jobs;
};
console.log(['none', 10, 8, 16, 4, 1, 100].map((each) => `${each} ${each === 'none' ? read() : read(each)}`).join(', '));
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
none 12, 10 12, 8 10, 16 18, 4 6, 1 NaN, 100 NaN
SEEN
