"""Writes and reads golden tables with PyIceberg on one REST catalog. Requests are those of `spark_golden.py`."""

import datetime
import decimal
import os
import sys
import uuid
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
warnings.filterwarnings("ignore")

import json_lines
import golden_rows
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import AlwaysTrue, EqualTo
from pyiceberg.io.pyarrow import ArrowScan
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, MonthTransform, TruncateTransform
from pyiceberg.types import (
    BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType, ListType, LongType,
    MapType, NestedField, StringType, StructType, TimestampType, TimestamptzType, TimeType, UUIDType,
)

settings = json_lines.settings()
catalog = load_catalog("peer", type="rest", uri=settings["uri"])
UTC = datetime.timezone.utc


def location(name):
    return f"{settings['root']}/{name}"


def pyiceberg_types():
    name = "pyiceberg_types"
    kinds = [
        BooleanType(), IntegerType(), LongType(), FloatType(), DoubleType(), DecimalType(38, 10), DateType(), TimeType(),
        TimestampType(), TimestamptzType(), StringType(), UUIDType(), FixedType(4), BinaryType(),
    ]
    fields = [NestedField(i + 1, f"c{i}", kind, required=False) for i, kind in enumerate(kinds)]
    place = StructType(NestedField(21, "lat", DoubleType(), required=False), NestedField(22, "at", TimeType(), required=False))
    fields.append(NestedField(20, "places", ListType(23, place, element_required=False), required=False))
    fields.append(NestedField(24, "tags", MapType(25, StringType(), 26, LongType(), value_required=False), required=False))
    table = catalog.create_table(
        f"golden.{name}", Schema(*fields), location=location(name), properties={"write.parquet.compression-codec": "gzip"}
    )
    rows = [
        [True, 2147483647, 9223372036854775807, float("nan"), float("-inf"), decimal.Decimal("9" * 28 + "." + "9" * 10),
         datetime.date(9999, 12, 31), datetime.time(23, 59, 59, 999999), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
         datetime.datetime(1, 1, 1, tzinfo=UTC), "Łódź 🚣", uuid.UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479").bytes,
         b"\x00\xff\x7f\x80", b"\x00\xff", [{"lat": 1.5, "at": datetime.time(1, 2, 3)}, None], [("a", 1), ("b", None)]],
        [False, -2147483648, -9223372036854775808, -0.0, 5e-324, decimal.Decimal("-0.0000000001"), datetime.date(1, 1, 1),
         datetime.time(0), datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
         "", uuid.UUID(int=0).bytes, b"abcd", b"", [], []],
        [None] * 16,
    ]
    arrow = table.schema().as_arrow()
    # Each column on its own, because Arrow's UUIDs are an extension of fixed bytes.
    columns = []
    for i, field in enumerate(arrow):
        storage = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
        column = pa.array([row[i] for row in rows], type=storage)
        columns.append(pa.ExtensionArray.from_storage(field.type, column) if storage is not field.type else column)
    table.append(pa.Table.from_arrays(columns, schema=arrow))


def pyiceberg_evolution():
    name = "pyiceberg_evolution"
    schema = Schema(
        NestedField(1, "id", IntegerType(), required=False),
        NestedField(2, "city", StringType(), required=False),
        NestedField(3, "at", TimestamptzType(), required=False),
    )
    spec = PartitionSpec(PartitionField(1, 1000, BucketTransform(4), "id_bucket"))
    table = catalog.create_table(f"golden.{name}", schema, location=location(name), partition_spec=spec)
    at = lambda month: datetime.datetime(2001, month, 1, 12, 0, 0, 5, tzinfo=UTC)
    rows = pa.table(
        {"id": pa.array([1, 2, 3, None], pa.int32()), "city": ["ABQ", "JFK", None, "OSL"], "at": pa.array([at(1), at(2), None, at(3)], pa.timestamp("us", "UTC"))}
    )
    table.append(rows)
    with table.update_spec() as update:
        update.remove_field("id_bucket")
        update.add_field("at", MonthTransform(), "at_month")
        update.add_field("city", TruncateTransform(2), "city_start")
    with table.update_schema() as update:
        update.update_column("id", LongType())
        update.rename_column("city", "town")
        update.add_column("fare", DecimalType(9, 2))
        update.move_first("fare")
    table.append(
        pa.table(
            {"fare": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)), "id": [3000000000, 5], "town": ["ABX", "ABY"], "at": pa.array([at(5), None], pa.timestamp("us", "UTC"))}
        )
    )
    table.delete(EqualTo("id", 2))
    with table.manage_snapshots() as manage:
        manage.create_tag(table.current_snapshot().snapshot_id, "kept")
    with table.update_schema() as update:
        update.delete_column("fare")
    with table.update_schema() as update:
        update.add_column("fare", StringType())
    table.append(pa.table({"id": [6], "town": ["NEW"], "at": pa.array([at(6)], pa.timestamp("us", "UTC")), "fare": ["none"]}))


def pyiceberg_added_files():
    """Files without field ids, matched by the name mapping; one lacks the identity partition column."""
    name = "pyiceberg_added_files"
    schema = Schema(
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "city", StringType(), required=False),
        NestedField(3, "items", ListType(4, StructType(NestedField(5, "n", IntegerType(), required=False)), element_required=False), required=False),
    )
    table = catalog.create_table(f"golden.{name}", schema, location=location(name))
    folder = location(name).removeprefix("file://") + "/added"
    os.makedirs(folder)
    rows = pa.table(
        {"id": [1, 2], "city": ["a", None], "items": pa.array([[{"n": 1}, None], []], pa.list_(pa.struct([("n", pa.int32())])))}
    )
    pq.write_table(rows, f"{folder}/one.parquet", compression="snappy")
    pq.write_table(rows.set_column(0, "id", pa.array([3, 4])), f"{folder}/two.parquet", compression="none", data_page_version="2.0", use_dictionary=False)
    table.add_files([f"file://{folder}/one.parquet", f"file://{folder}/two.parquet"])
    with table.update_schema() as update:
        update.rename_column("city", "town")
        update.rename_column("items.n", "number")
    table.append(pa.table({"id": [5], "town": ["c"], "items": pa.array([[{"number": 5}]], pa.list_(pa.struct([("number", pa.int32())])))}))


RECIPES = {"pyiceberg_types": pyiceberg_types, "pyiceberg_evolution": pyiceberg_evolution, "pyiceberg_added_files": pyiceberg_added_files}


def read(request):
    table = catalog.load_table(f"golden.{request['read']}")
    snapshot_id, schema = request.get("snapshotId"), None
    if "ref" in request:
        ref = table.refs()[request["ref"]]
        snapshot_id = ref.snapshot_id
        # A branch is read with the table's schema.
        schema = table.schema() if ref.snapshot_ref_type == "branch" else None
    if schema is None:
        schema = table.schemas()[table.snapshot_by_id(int(snapshot_id)).schema_id]
    scan = table.scan(snapshot_id=int(snapshot_id))
    rows = ArrowScan(table.metadata, table.io, schema, AlwaysTrue()).to_table(scan.plan_files())
    names = rows.column_names
    columns = [column.to_pylist() for column in rows.columns]
    return {"columns": names, "rows": golden_rows.record([[arrow_value(column[i], field.field_type) for column, field in zip(columns, schema.fields)] for i in range(len(rows))])}


def arrow_value(value, kind):
    """Python's value of one of PyArrow's lists, in which a struct is a dictionary and a map a list of pairs."""
    if value is None:
        return None
    if isinstance(kind, StructType):
        return [arrow_value(value[field.name], field.field_type) for field in kind.fields]
    if isinstance(kind, ListType):
        return [arrow_value(item, kind.element_type) for item in value]
    if isinstance(kind, MapType):
        pairs = [[arrow_value(key, kind.key_type), arrow_value(item, kind.value_type)] for key, item in value]
        return sorted((golden_rows.to_json(pair) for pair in pairs), key=golden_rows.sort_key)
    if isinstance(kind, UUIDType) and isinstance(value, bytes):
        return uuid.UUID(bytes=value)
    return value


def run(request):
    return RECIPES[request["write"]]() if "write" in request else read(request)


json_lines.answer_all(run)
