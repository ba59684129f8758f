from shared.platform import migrations, tables
from tender.db.tables import metadata

migrations.run(tables.metadata, metadata)
