#!/usr/bin/env bash
# Redis 7.0.15 (Debian 12): JSON that goes through a Lua script loses digits behind the fourteenth, and an empty list becomes an object.
#
# Usual guess: cjson.encode(cjson.decode(text)) is the same JSON, as far as doubles go: some 15 to 17 digits, and lists stay lists.
# What happens: numbers are written with 14 significant digits, in scientific notation from 1e14 on, though Lua's double has more. [] and {} are the same
#   empty table, which is written as {}.
# What it costs: a script that changes one member of a job or a session moves its times in microseconds by up to 50 µs and its ids by up to 50; a client that
#   asks for .length of a list gets undefined.
#
# Needs redis-server and redis-cli. Output seen:
#   {"id":9007199254740991} is {"id":9.007199254741e+15}
#   {"us":1732924800123456} is {"us":1.7329248001235e+15}
#   {"rate":0.30000000000000004} is {"rate":0.3}
#   {"items":[]} is {"items":{}}
set -euo pipefail
command -v redis-server >/dev/null || { echo 'This needs redis-server.' >&2; exit 2; }
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
redis-server --port 0 --unixsocket "$folder/socket" --save '' --dir "$folder" >/dev/null &
server=$!
until redis-cli -s socket ping >/dev/null 2>&1; do sleep 0.1; done
for json in '{"id":9007199254740991}' '{"us":1732924800123456}' '{"rate":0.30000000000000004}' '{"items":[]}'; do
  echo "$json is $(redis-cli -s socket --raw EVAL 'return cjson.encode(cjson.decode(ARGV[1]))' 0 "$json")"
done | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
{"id":9007199254740991} is {"id":9.007199254741e+15}
{"us":1732924800123456} is {"us":1.7329248001235e+15}
{"rate":0.30000000000000004} is {"rate":0.3}
{"items":[]} is {"items":{}}
SEEN
