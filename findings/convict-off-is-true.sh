#!/usr/bin/env bash
# convict 6.2.5 and envalid 8.2.0, on environment variables: TLS_CHECK=0, "no" and "off" are true, and LIMIT=1e6, 1,000 and 1_000 are 1.
#
# Usual guess: a library that is there to validate settings refuses a text that is no Boolean or no number, or reads 0, no and off as false, as most do.
# What happens: for convict's Boolean all but "false" is true. Its int, nat, port and Number are parseInt and parseFloat, which take the digits in front and leave
#   the rest, and validate() sees the number only. envalid's num is parseFloat too, its bool and port are strict.
# What it costs: a feature that was switched off with 0 is on in production; a pool, a limit or a batch of 1e6, 1_000 or 1,000 is one. In a JSON file, where
#   types are there, the same settings are right.
#
# Output seen:
#   convict Boolean: false false, 0 true, no true, off true
#   convict int: 1e6 1, 1,000 1, 1_000 1, 10.9 10, 0x1F 0, 5min 5
#   envalid bool: false false, 0 false, no false, off false
#   envalid num: 1e6 1000000, 1,000 1, 1_000 1, 10.9 10.9, 0x1F 0, 5min 5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund convict@6.2.5 envalid@8.2.0

cat >main.cjs <<'JS'
const convict = require('convict');
const { bool, cleanEnv, num } = require('envalid');

const byConvict = (format, value) => convict({ a: { format, default: format === Boolean ? false : 7, env: 'A' } }, { env: { A: value } }).validate({ allowed: 'strict' }).get('a');
const byEnvalid = (validator, value) => cleanEnv({ A: value }, { A: validator() }).A;
const SWITCHES = ['false', '0', 'no', 'off'];
const NUMBERS = ['1e6', '1,000', '1_000', '10.9', '0x1F', '5min'];
const line = (name, texts, read) => console.log(`${name}: ${texts.map((text) => `${text} ${read(text)}`).join(', ')}`);
line('convict Boolean', SWITCHES, (text) => byConvict(Boolean, text));
line('convict int', NUMBERS, (text) => byConvict('int', text));
line('envalid bool', SWITCHES, (text) => byEnvalid(bool, text));
line('envalid num', NUMBERS, (text) => byEnvalid(num, text));
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
convict Boolean: false false, 0 true, no true, off true
convict int: 1e6 1, 1,000 1, 1_000 1, 10.9 10, 0x1F 0, 5min 5
envalid bool: false false, 0 false, no false, off false
envalid num: 1e6 1000000, 1,000 1, 1_000 1, 10.9 10.9, 0x1F 0, 5min 5
SEEN
