"""One database and one role per service."""

from collections.abc import Sequence

from shared.platform.embedded_postgres.credentials import passwords, role_of
from shared.platform.embedded_postgres.programs import execute, quoted_identifier, quoted_literal
from shared.platform.embedded_postgres.server import RunningPostgres


def provision(server: RunningPostgres, names: Sequence[str]) -> None:
    """Make sure of one database per name and of one role that can enter that database and no other."""
    roles = [role_of(name) for name in names]
    known = passwords(server.folder, roles)
    statements = [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;" for name in ("postgres", "template1")]
    for role in roles:
        name, text = quoted_identifier(role), quoted_literal(role)
        create_role = quoted_literal(f"CREATE ROLE {name}")
        create_database = quoted_literal(f"CREATE DATABASE {name} OWNER {name}")
        statements += [
            rf"SELECT {create_role} WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) \gexec",
            f"ALTER ROLE {name} LOGIN PASSWORD {quoted_literal(known[role])};",
            rf"SELECT {create_database} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {text}) \gexec",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;",
        ]
    execute(server.administrator_url(), "\n".join(statements))
