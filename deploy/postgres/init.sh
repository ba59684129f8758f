#!/bin/sh
# One database per service and two roles, which can enter that database and no other: its owner, who migrates it, and
# the application, which works with its rows. What the application owned before there was an owner goes over to it.
# Runs when the server is made, and again by hand after a password has changed or a service or a role has come along:
#   docker compose exec postgres /docker-entrypoint-initdb.d/init.sh
set -eu
# A statement that fails is written to the log, and these hold passwords.
export PGOPTIONS='-c log_min_error_statement=panic'

as_administrator() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set VERBOSITY=terse \
    --username postgres --dbname postgres --output /dev/null "$@"
}

role() {
  # psql reads the password from the environment, so that it is in no list of processes.
  variable="$(echo "$1" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  printenv "$variable" > /dev/null || { echo "$variable is not set." >&2; exit 1; }
  as_administrator --set role="$1" --set variable="$variable" <<'SQL'
\getenv password :variable
SELECT format('CREATE ROLE %I LOGIN', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SQL
}

echo 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC' | as_administrator
for service in tender budget evaluation provider_registry portal; do
  role "$service"
  role "${service}_owner"
  as_administrator --set service="$service" --set owner="${service}_owner" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
ALTER DATABASE :"service" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
\connect :"service"
REASSIGN OWNED BY :"service" TO :"owner";
SQL
done
