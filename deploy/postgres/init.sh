#!/bin/sh
# One database and one role per service; the role can enter that database and no other.
# Runs when the server is made, and again by hand after a password has changed or a service has come along:
#   docker compose exec postgres /docker-entrypoint-initdb.d/init.sh
set -eu
# A statement that fails is written to the log, and these hold passwords.
export PGOPTIONS='-c log_min_error_statement=panic'

as_administrator() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set VERBOSITY=terse \
    --username postgres --dbname postgres --output /dev/null "$@"
}

echo 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC' | as_administrator
for role in tender budget evaluation provider_registry portal; do
  # psql reads the password from the environment, so that it is in no list of processes.
  variable="$(echo "$role" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  printenv "$variable" > /dev/null || { echo "$variable is not set." >&2; exit 1; }
  as_administrator --set role="$role" --set variable="$variable" <<'SQL'
\getenv password :variable
SELECT format('CREATE ROLE %I LOGIN', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
