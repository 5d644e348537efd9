#!/usr/bin/env bash
# re2js 2.10.0: translateRegExp takes a JavaScript pattern, and the result still means another thing for Japanese and French text.
#
# Usual guess: RE2JS.translateRegExp takes a RegExp and gives a pattern that matches the same texts, only without backtracking. (Its README
#   says that a fuzzer holds the two against each other.)
# What happens: names of groups and the like are rewritten, but \s, \S and . keep the meaning they have in RE2. \s is five ASCII characters: neither the full-width space U+3000 that stands between Japanese names, nor the no-break space U+00A0 that French typography
#   puts before a unit, nor even the vertical tab. And . takes a carriage return. Nothing warns.
# What it costs: a rule such as ^\S+\s\S+$ ("two names") refuses every Japanese customer when the engine is swapped, and ^\S+$ ("no
#   spaces") lets them through.
#
# Output seen:
#   two names, full-width space: JavaScript true, re2js false
#   no spaces, full-width space: JavaScript false, re2js true
#   amount, no-break space: JavaScript true, re2js false
#   one line, carriage return within: JavaScript false, re2js true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund re2js@2.10.0

cat >main.js <<'JS'
import { RE2JS } from 're2js';

const cases = [
  ['two names, full-width space', '^\\S+\\s\\S+$', '見本\u3000花子'],
  ['no spaces, full-width space', '^\\S+$', '見本\u3000花子'],
  ['amount, no-break space', '^\\d+\\s€$', '12\u00a0€'],
  ['one line, carriage return within', '^.+$', 'one\rtwo'],
];
let differing = 0;
for (const [what, pattern, text] of cases) {
  const expression = new RegExp(pattern, 'u');
  const inJavaScript = expression.test(text);
  const inRe2js = RE2JS.compile(RE2JS.translateRegExp(expression)).matcher(text).find();
  console.log(`${what}: JavaScript ${inJavaScript}, re2js ${inRe2js}`);
  if (inJavaScript !== inRe2js) differing++;
}
if (differing < cases.length) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
