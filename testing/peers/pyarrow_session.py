"""Reads files of rows with PyArrow, and JSON with Python's own parser. A request has the locations of the same rows as
`arrow`, `parquet`, `csv` and `ndjson`; the result has the rows of each, in the form of `golden_rows.py`, unsorted.
"""

import datetime
import decimal
import json
import struct

import json_lines
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

json_lines.settings()

INSTANT = datetime.datetime(1970, 1, 1)


def run(request):
    with pa.ipc.open_stream(request["arrow"]) as reader:
        table = reader.read_all()
    schema = table.schema
    return {
        "ids": [field.metadata[b"PARQUET:field_id"].decode() for field in schema],
        "types": [str(field.type) for field in schema],
        "arrow": rows_of(table),
        "parquet": rows_of(pyarrow.parquet.read_table(request["parquet"])),
        "csv": csv_rows(request["csv"], schema),
        "ndjson": ndjson_rows(request["ndjson"], schema, request["variants"]),
    }


def rows_of(table):
    columns = [[typed(column.type, value) for value in column] for column in table.columns]
    return [list(row) for row in zip(*columns)]


def typed(type, scalar):
    """The recorded form of an Arrow scalar."""
    if not scalar.is_valid:
        return None
    if pa.types.is_timestamp(type):
        return instant(scalar.value, 9 if type.unit == "ns" else 6)
    if pa.types.is_struct(type):
        return [typed(field.type, scalar[field.name]) for field in type]
    if pa.types.is_map(type):
        pairs = zip(scalar.values.field(0), scalar.values.field(1))
        return sorted(([typed(type.key_type, k), typed(type.item_type, v)] for k, v in pairs), key=json.dumps)
    if pa.types.is_list(type):
        return [typed(type.value_type, item) for item in scalar.values]
    return recorded(type, scalar.as_py())


def recorded(type, value):
    """The recorded form of a value that Python has."""
    if value is None or isinstance(value, bool):
        return value
    if pa.types.is_floating(type):
        number = float(value)
        if pa.types.is_float32(type):
            number = struct.unpack("f", struct.pack("f", number))[0]
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(number), repr(number))
    if isinstance(value, decimal.Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def instant(value, digits):
    seconds, fraction = divmod(value, 10**digits)
    return f"{(INSTANT + datetime.timedelta(seconds=seconds)).isoformat()}.{fraction:0{digits}}"


def from_json(type, value):
    """The recorded form of a value in JSON."""
    if value is None or isinstance(value, bool):
        return value
    if pa.types.is_struct(type):
        return [from_json(field.type, value[field.name]) for field in type]
    if pa.types.is_map(type):
        pairs = value.items() if isinstance(value, dict) else value
        return sorted(([from_json(type.key_type, k), from_json(type.item_type, v)] for k, v in pairs), key=json.dumps)
    if pa.types.is_list(type):
        return [from_json(type.value_type, item) for item in value]
    if pa.types.is_decimal(type):
        return recorded(type, decimal.Decimal(value))
    if pa.types.is_timestamp(type):
        whole, _, fraction = value.removesuffix("+00:00").partition(".")
        return f"{whole}.{fraction.ljust(9 if type.unit == 'ns' else 6, '0')}"
    if pa.types.is_time(type):
        return recorded(type, datetime.time.fromisoformat(value))
    return recorded(type, value)


def ndjson_rows(path, schema, variants):
    """`variants`: names of columns whose values are JSON themselves."""
    with open(path, encoding="utf-8", newline="\n") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        [compact(row[field.name]) if field.name in variants else from_json(field.type, row[field.name]) for field in schema]
        for row in rows
    ]


def compact(value):
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def csv_rows(path, schema):
    """Columns with a type that CSV has are read by PyArrow as that type, others as text."""
    types = {field.name: field.type if is_plain(field.type) else pa.string() for field in schema}
    options = pa.csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False)
    parse = pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    table = pa.csv.read_csv(path, convert_options=options, parse_options=parse)
    columns = [
        [csv_value(field.type, column.type, value) for value in column] for field, column in zip(schema, table.columns)
    ]
    return [list(row) for row in zip(*columns)]


def is_plain(type):
    checks = [pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_date]
    return any(check(type) for check in [*checks, pa.types.is_timestamp, pa.types.is_time])


def csv_value(type, read_type, scalar):
    if is_plain(type):
        return typed(read_type, scalar)
    text = scalar.as_py()
    if text is None or not pa.types.is_nested(type):
        return text
    return from_json(type, json.loads(text))


json_lines.answer_all(run)
