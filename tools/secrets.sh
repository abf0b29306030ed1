#!/bin/sh
# Write what docker-compose.yml hands over as files: secrets/, made once. Values of .env are taken over.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
chmod 700 secrets # the folder keeps others out: a container's user must be able to read the files

given() { # what .env says so far
    [ ! -f .env ] || sed -n "s/^$1=//p" .env | tail -n 1
}

drawn() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

keep() { # NAME VALUE: a file that is there stays
    [ ! -s "secrets/$1" ] || return 0
    printf '%s' "$2" >"secrets/$1"
    chmod 444 "secrets/$1"
    printf 'made secrets/%s\n' "$1"
}

for name in SECRET_KEY PASSWORD_PEPPER LINK_KEY JWT_SECRET_KEY FIELD_ENCRYPTION_KEYS METRICS_TOKEN \
    POSTGRES_PASSWORD REDIS_PASSWORD; do
    value=$(given "$name")
    keep "$(printf %s "$name" | tr 'A-Z' 'a-z')" "${value:-$(drawn)}"
done
for name in TWILIO_AUTH_TOKEN TWILIO_AUTH_TOKEN_FALLBACKS TWILIO_API_KEY_SECRET SMTP_PASS \
    S3_SECRET_ACCESS_KEY WEBHOOK_SECRET; do # none of ours to draw
    file=secrets/$(printf %s "$name" | tr 'A-Z' 'a-z')
    [ -e "$file" ] || { given "$name" | tr -d '\n' >"$file" && chmod 644 "$file"; }
done
keep database_url "postgresql://clinic:$(cat secrets/postgres_password)@postgres:5432/clinic"
keep redis_url "redis://:$(cat secrets/redis_password)@redis:6379/0"
