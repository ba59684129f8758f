from shared.platform import migrations, tables
from tender.db import withheld

# The service's one set of tables, of which this module describes the last that is insert-only.
migrations.run(tables.metadata, withheld.metadata)
