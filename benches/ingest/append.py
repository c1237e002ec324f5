"""The peer: pyarrow reads the CSV, PyIceberg appends it. Prints the milliseconds from the start of the one to the end of the other."""

import sys
import time

import pyarrow as pa
import pyarrow.csv
from pyiceberg.catalog.sql import SqlCatalog

csv, folder, name = sys.argv[1:]
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("at", pa.timestamp("us")),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("n", pa.int32()),
        ("price", pa.decimal128(9, 2)),
        ("lat", pa.float64()),
        ("ok", pa.bool_()),
    ]
)
catalog = SqlCatalog("bench", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
catalog.create_namespace_if_not_exists("bench")
# Where a table says nothing, PyIceberg compresses at level 1, and writes a file a quarter larger than the other sides.
LEVEL = {"write.parquet.compression-level": "3"}
table = catalog.create_table(f"bench.{name}", SCHEMA, properties=LEVEL)

started = time.perf_counter()
rows = pyarrow.csv.read_csv(csv, convert_options=pyarrow.csv.ConvertOptions(column_types=SCHEMA))
table.append(rows)
took_ms = (time.perf_counter() - started) * 1000

assert table.scan().count() == rows.num_rows
print(round(took_ms))
