from portal.db.tables import metadata
from shared.platform import migrations, tables

migrations.run(tables.metadata, metadata)
