#!/bin/sh
# Makes what docker-compose.yml reads from secrets/: passwords, the addresses that hold them, and the first admin key. What is there
# stays as it is, so it may be run again. The folder belongs to the volumes: without it their passwords are lost.
set -eu
cd "$(dirname "$0")/.."

# In the containers the services' own users read the files; on this machine the folder keeps everybody else out.
umask 022
mkdir -p secrets
chmod 700 secrets

random() {
  od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

keep() {
  [ -s "secrets/$1" ] || printf '%s\n' "$2" >"secrets/$1"
}

keep postgres_password "$(random)"
keep redis_password "$(random)"
keep admin_key "$(random)"
keep database_url "postgres://sluice:$(cat secrets/postgres_password)@postgres:5432/sluice"
keep redis_url "redis://:$(cat secrets/redis_password)@redis:6379"
echo "The secrets are in $(pwd)/secrets. The admin key is in admin_key."
