"""One database per service, and two roles: its owner, and the application that works with its rows."""

from collections.abc import Iterator, Sequence

from shared.platform.embedded_postgres.credentials import passwords, role_of
from shared.platform.embedded_postgres.programs import execute, quoted_identifier, quoted_literal
from shared.platform.embedded_postgres.server import RunningPostgres
from shared.platform.roles import owner_of


def provision(server: RunningPostgres, names: Sequence[str]) -> None:
    """Make sure of one database per name and of two roles that can enter that database and no other."""
    applications = [role_of(name) for name in names]
    known = passwords(server.folder, [role for name in applications for role in (name, owner_of(name))])
    statements = [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;" for name in ("postgres", "template1")]
    for application in applications:
        for role in (application, owner_of(application)):
            statements += _role(role, known[role])
        statements += _database(application)
    execute(server.administrator_url(), "\n".join(statements))
    for application in applications:
        # What the application has owned since the time when there was no other role.
        application_role, owner = quoted_identifier(application), quoted_identifier(owner_of(application))
        execute(server.administrator_url(application), f"REASSIGN OWNED BY {application_role} TO {owner};")


def _role(role: str, password: str) -> Iterator[str]:
    name, text = quoted_identifier(role), quoted_literal(role)
    create = quoted_literal(f"CREATE ROLE {name}")
    yield rf"SELECT {create} WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) \gexec"
    yield f"ALTER ROLE {name} LOGIN PASSWORD {quoted_literal(password)};"


def _database(application: str) -> Iterator[str]:
    name, text, owner = quoted_identifier(application), quoted_literal(application), owner_of(application)
    create = quoted_literal(f"CREATE DATABASE {name} OWNER {quoted_identifier(owner)}")
    yield rf"SELECT {create} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {text}) \gexec"
    yield f"ALTER DATABASE {name} OWNER TO {quoted_identifier(owner)};"
    yield f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;"
    yield f"GRANT CONNECT ON DATABASE {name} TO {name};"
