"""Writes lines of JSON as a Parquet file.

    write_parquet.py <file>

The input is `{"columns": […], "lines": […]}`: columns with names and types as in the product, and one JSON object for
each row.
"""

import datetime
import decimal
import json
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

EPOCH = datetime.datetime(1970, 1, 1)
TYPES = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "string": pa.string(),
    "uuid": pa.uuid(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "timestamp_ns": pa.timestamp("ns"),
    "timestamptz_ns": pa.timestamp("ns", tz="UTC"),
}


def arrow(kind):
    if isinstance(kind, str):
        if kind.startswith("decimal"):
            return pa.decimal128(*map(int, kind.removeprefix("decimal(").removesuffix(")").split(",")))
        return TYPES[kind]
    if kind["type"] == "struct":
        return pa.struct([(field["name"], arrow(field["type"])) for field in kind["fields"]])
    return pa.list_(arrow(kind["element"])) if kind["type"] == "list" else pa.map_(arrow(kind["key"]), arrow(kind["value"]))


def storage(kind):
    """The type without UUIDs, of which PyArrow makes no nested arrays from values."""
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, storage(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(storage(kind.key_type), storage(kind.item_type))
    return pa.list_(storage(kind.value_type)) if pa.types.is_list(kind) else kind


def value(kind, json):
    if json is None:
        return None
    if isinstance(kind, str):
        return primitive(kind, json)
    if kind["type"] == "struct":
        return {field["name"]: value(field["type"], json[field["name"]]) for field in kind["fields"]}
    if kind["type"] == "list":
        return [value(kind["element"], item) for item in json]
    return [(value(kind["key"], key), value(kind["value"], item)) for key, item in json.items()]


def primitive(kind, json):
    if kind in ("int", "long"):
        return int(json)
    if kind in ("float", "double"):
        return float(json)
    if kind.startswith("decimal"):
        return decimal.Decimal(json)
    if kind == "uuid":
        return uuid.UUID(json).bytes
    if kind == "date":
        return datetime.date.fromisoformat(json)
    if kind.startswith("timestamp"):
        whole, _, fraction = json.removesuffix("Z").replace(" ", "T").partition(".")
        seconds = (datetime.datetime.fromisoformat(whole) - EPOCH) // datetime.timedelta(seconds=1)
        digits = 9 if kind.endswith("_ns") else 6
        return seconds * 10**digits + int(fraction.ljust(digits, "0"))
    return json


source = json.load(sys.stdin)
rows = [json.loads(line) for line in source["lines"]]
columns = {column["name"]: (arrow(column["type"]), [value(column["type"], row[column["name"]]) for row in rows]) for column in source["columns"]}
pq.write_table(pa.table({name: pa.array(values, storage(kind)).cast(kind) for name, (kind, values) in columns.items()}), sys.argv[1], row_group_size=4)
