#!/usr/bin/env bash
# js-yaml 5.5.0: `<<: *defaults` gives a property named "<<", and what it should bring is missing; js-yaml 4.3.2 merges.
#
# Usual guess: a new major version that leaves out a feature raises an error where a file uses it, as it does here for !!binary, !!set and !!timestamp.
# What happens: load reads YAML 1.2 now, where << is a key like any other. The settings below it lie one level deeper, where nobody looks. Dates without
#   a tag are texts, and 0b11 is one. Nothing warns. load(text, { schema: YAML11_SCHEMA }) merges. (In yaml, the other library, merging
#   has always been an option.)
# What it costs: services, jobs and CI steps that share their defaults by an anchor lose them all with an update of the library: retries, limits and secrets'
#   names are those that the program takes when none are given.
#
# Output seen:
#   js-yaml 4.3.2: {"queue":"mail","retries":5,"timeout":60,"from":"2024-01-31T00:00:00.000Z"}
#   js-yaml 5.5.0: {"<<":{"queue":"mail","retries":5},"timeout":60,"from":"2024-01-31"}
#   js-yaml 5.5.0 with YAML11_SCHEMA: {"queue":"mail","retries":5,"timeout":60,"from":"2024-01-31T00:00:00.000Z"}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund js-yaml@5.5.0 js-yaml-4@npm:js-yaml@4.3.2

cat >main.js <<'JS'
import { load, YAML11_SCHEMA } from 'js-yaml';
import { load as load4 } from 'js-yaml-4';

const FILE = `
defaults: &defaults
  queue: mail
  retries: 5
job:
  <<: *defaults
  timeout: 60
  from: 2024-01-31
`;
const found = {
  'js-yaml 4.3.2': load4(FILE),
  'js-yaml 5.5.0': load(FILE),
  'js-yaml 5.5.0 with YAML11_SCHEMA': load(FILE, { schema: YAML11_SCHEMA }),
};
const lines = Object.entries(found).map(([name, { job }]) => `${name}: ${JSON.stringify(job)}`);
console.log(lines.join('\n'));
const MERGED = '{"queue":"mail","retries":5,"timeout":60,"from":"2024-01-31T00:00:00.000Z"}';
const SEEN = [
  `js-yaml 4.3.2: ${MERGED}`,
  'js-yaml 5.5.0: {"<<":{"queue":"mail","retries":5},"timeout":60,"from":"2024-01-31"}',
  `js-yaml 5.5.0 with YAML11_SCHEMA: ${MERGED}`,
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
