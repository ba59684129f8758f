from budget.db.bank_tables import metadata
from shared.platform import migrations, tables

migrations.run(tables.metadata, metadata)
