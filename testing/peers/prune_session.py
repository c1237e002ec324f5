"""Judges of pruning. PyArrow writes Parquet files with a page index and bloom filters and selects rows from them;
PyIceberg projects filters onto partitions.

The argument is a folder, where `cases.json` has the cases of partitions, each with a list of values. Writes the file
`indexed.parquet`, the rows of each filter to `rows.json`, and the verdicts on partitions to `partitions.json`.
"""

import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.expressions.parser import parse
from pyiceberg.expressions.visitors import expression_evaluator, inclusive_projection
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.typedef import Record
from pyiceberg.types import DateType, DecimalType, IntegerType, LongType, NestedField, StringType, TimestampType

ROWS = 20_000
TYPES = {
    "int": IntegerType(),
    "long": LongType(),
    "string": StringType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "decimal(9, 2)": DecimalType(9, 2),
}

folder = Path(sys.argv[1])


def with_id(field, field_id):
    return field.with_metadata({"PARQUET:field_id": str(field_id)})


def nullable(values):
    return [None if i % 997 == 5 else value for i, value in enumerate(values)]


epoch = datetime.date(1970, 1, 1)
midnight = datetime.datetime(1969, 12, 31, 22)
columns = [
    ("n", pa.int32(), nullable(range(ROWS))),
    ("big", pa.int64(), nullable(9007199254740993 + i // 10 for i in range(ROWS))),
    ("text", pa.string(), nullable(f"{'a long common prefix of all texts '}{i // 3:08}" for i in range(ROWS))),
    ("word", pa.string(), nullable("zürich" if i < 9000 else f"w{i % 50}" for i in range(ROWS))),
    ("price", pa.decimal128(9, 2), nullable(Decimal(i // 7 - 500).scaleb(-2) for i in range(ROWS))),
    ("day", pa.date32(), nullable(epoch + datetime.timedelta(days=i // 20 - 300) for i in range(ROWS))),
    ("moment", pa.timestamp("us"), nullable(midnight + datetime.timedelta(seconds=i) for i in range(ROWS))),
    ("share", pa.float64(), nullable(float("nan") if i % 100 == 7 else (i // 50) / 4 - 3 for i in range(ROWS))),
    ("rare", pa.int32(), [i if i > 19_000 else None for i in range(ROWS)]),
]
schema = pa.schema([with_id(pa.field(name, kind), i + 1) for i, (name, kind, _) in enumerate(columns)])
table = pa.table([pa.array(values, kind) for _, kind, values in columns], schema=schema)
pq.write_table(
    table,
    folder / "indexed.parquet",
    row_group_size=8_000,
    data_page_size=2_048,
    write_batch_size=256,
    write_page_index=True,
    use_dictionary=["word"],
    compression="NONE",
    bloom_filter_options={"n": True, "text": True},
)

# Each filter as PyArrow evaluates it: null is not true, and NaN is neither less nor greater.
field = pc.field
filters = {
    "n = 12345": field("n") == 12345,
    "n = -5": field("n") == -5,
    "n > 100 and n <= 300": (field("n") > 100) & (field("n") <= 300),
    "n < 50 or n > 19950": (field("n") < 50) | (field("n") > 19950),
    "n is null": field("n").is_null(),
    "n != 7 and n < 10": (field("n") != 7) & (field("n") < 10),
    "big = 9007199254741993": field("big") == 9007199254741993,
    "big >= 9007199254742983": field("big") >= 9007199254742983,
    'text = "a long common prefix of all texts 00000100"': field("text") == "a long common prefix of all texts 00000100",
    'text starts with "a long common prefix of all texts 0000002"': pc.starts_with(
        field("text"), "a long common prefix of all texts 0000002"
    ),
    'text > "a long common prefix of all texts 00006600"': field("text") > "a long common prefix of all texts 00006600",
    'text = "b"': field("text") == "b",
    'word = "w7"': field("word") == "w7",
    # Within the bounds, but not in a dictionary.
    'word = "w77"': field("word") == "w77",
    'word in ("zürich", "none")': field("word") == "zürich",
    "price = -0.01": field("price") == Decimal("-0.01"),
    "price < -4.98": field("price") < Decimal("-4.98"),
    'day < "1969-04-01"': field("day") < datetime.date(1969, 4, 1),
    'day = "1970-01-01"': field("day") == epoch,
    'moment < "1969-12-31T22:00:30"': field("moment") < datetime.datetime(1969, 12, 31, 22, 0, 30),
    'moment >= "1970-01-01T03:33:00"': field("moment") >= datetime.datetime(1970, 1, 1, 3, 33),
    "share is nan": pc.is_nan(field("share")),
    "share > 96": field("share") > 96,
    "share < -2.9": field("share") < -2.9,
    "share = 0": field("share") == 0.0,
    "rare > 19990": field("rare") > 19990,
    "rare is not null": field("rare").is_valid(),
}
numbered = table.append_column("position", pa.array(range(ROWS), pa.int32()))
rows = {text: numbered.filter(judge)["position"].to_pylist() for text, judge in filters.items()}
(folder / "rows.json").write_text(json.dumps(rows))


def might_match(case):
    source = Schema(NestedField(1, "x", TYPES[case["type"]], required=False))
    spec = PartitionSpec(PartitionField(1, 1000, parse_transform(case["transform"]), "p"))
    projected = inclusive_projection(source, spec)(parse(case["filter"]))
    matches = expression_evaluator(Schema(*spec.partition_type(source).fields), projected, True)
    to_value = Decimal if case["type"].startswith("decimal") else lambda value: value
    return [matches(Record(None if value is None else to_value(value))) for value in case["values"]]


cases = json.loads((folder / "cases.json").read_text())
(folder / "partitions.json").write_text(json.dumps([might_match(case) for case in cases]))
