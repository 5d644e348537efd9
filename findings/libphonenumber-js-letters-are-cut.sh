#!/usr/bin/env bash
# libphonenumber-js 1.13.16 beside google-libphonenumber 3.2.47: 1-800-FLOWERS is +11800 for one, and +18003569377 for the other.
#
# Usual guess: it is Google's library for JavaScript, smaller, with the same numbers. Of a number with letters it gives what their keys stand for, or nothing.
# What happens: reading ends at the first letter, and what stands before it is given as a number of its own. It is not undefined, has an E.164 form, and
#   only isValid() and isPossible() say that something is wrong. Google's library turns letters into the digits of their keys.
# What it costs: numbers of shops and hotlines are stored as +11800, +440800 and +611300; all of a country are the same one then, and a unique key or a
#   search for duplicates makes one customer of them.
#
# Output seen:
#   1-800-FLOWERS (US): libphonenumber-js +11800, Google's +18003569377
#   1-800-GOT-JUNK (US): libphonenumber-js +11800, Google's +18004685865
#   0800 REVERSE (GB): libphonenumber-js +440800, Google's +448007383773
#   1300 FLIGHT (AU): libphonenumber-js +611300, Google's +611300354448
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16 google-libphonenumber@3.2.47

cat >main.cjs <<'JS'
const { parsePhoneNumberFromString } = require('libphonenumber-js');
const { PhoneNumberFormat, PhoneNumberUtil } = require('google-libphonenumber');

const google = PhoneNumberUtil.getInstance();
for (const [text, country] of [
  ['1-800-FLOWERS', 'US'],
  ['1-800-GOT-JUNK', 'US'],
  ['0800 REVERSE', 'GB'],
  ['1300 FLIGHT', 'AU'],
]) {
  const others = google.format(google.parse(text, country), PhoneNumberFormat.E164);
  console.log(`${text} (${country}): libphonenumber-js ${parsePhoneNumberFromString(text, country)?.number}, Google's ${others}`);
}
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
1-800-FLOWERS (US): libphonenumber-js +11800, Google's +18003569377
1-800-GOT-JUNK (US): libphonenumber-js +11800, Google's +18004685865
0800 REVERSE (GB): libphonenumber-js +440800, Google's +448007383773
1300 FLIGHT (AU): libphonenumber-js +611300, Google's +611300354448
SEEN
