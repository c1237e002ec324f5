"""Writes the corpus: Parquet files by PyArrow in which each column has another encoding, with the values that PyArrow
reads back.

`python write_corpus.py <folder>` writes `<page version>-<codec>.parquet` and `values.json` there. A column is named
`<values>.<encoding>`, and `values.json` has the values by the first half of that name, in the form that
`exact_values.py` describes. Every value is written with every encoding that its type has.
"""

import datetime
import decimal
import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from exact_values import exact_column

ROWS = 40
CODECS = ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]


def value_at(kind, i):
    """Values with runs, repeats and extremes."""
    n = [0, 1, -1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1000, -1000][i % 14] * (1 if i % 3 else 12345)
    if kind == "boolean":
        return i % 5 < 2
    if kind == "int32":
        return [2**31 - 1, -(2**31)][i % 2] if i % 13 == 5 else n
    if kind == "int64":
        return [2**63 - 1, -(2**63)][i % 2] if i % 13 == 5 else n * 1_000_003
    if kind in ("float", "double"):
        return [float("nan"), float("inf"), -0.0][i % 3] if i % 13 == 5 else n / 8
    if kind == "text":
        return "Ł🚣" if i % 13 == 5 else "a" * (i % 4) + "prefix-" + str(n)
    if kind == "bytes":
        return bytes([i % 256, 0, 255][: i % 4])
    if kind == "fixed":
        return bytes([n % 256, i % 256, 0, 255, 1])
    if kind == "decimal":
        return decimal.Decimal(n).scaleb(-3)
    if kind == "long_decimal":
        return decimal.Decimal("9" * 30).scaleb(-10) * (1 if i % 2 else -1) + decimal.Decimal(n)
    if kind == "instant":
        return datetime.datetime(2001, 2, 3, 4, 5, 6, 7, datetime.timezone.utc) + datetime.timedelta(seconds=n)
    raise ValueError(kind)


TYPES = {
    "boolean": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "text": pa.string(),
    "bytes": pa.binary(),
    "fixed": pa.binary(5),
    "decimal": pa.decimal128(12, 3),
    "long_decimal": pa.decimal128(38, 10),
    "instant": pa.timestamp("us", "UTC"),
}
DELTA, SPLIT = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
ENCODINGS = {
    "boolean": ["PLAIN", "RLE"],
    "int32": ["PLAIN", DELTA, SPLIT, "DICTIONARY"],
    "int64": ["PLAIN", DELTA, SPLIT, "DICTIONARY"],
    "float": ["PLAIN", SPLIT, "DICTIONARY"],
    "double": ["PLAIN", SPLIT, "DICTIONARY"],
    "text": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "DICTIONARY"],
    "bytes": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "DICTIONARY"],
    "fixed": ["PLAIN", SPLIT, "DELTA_BYTE_ARRAY", "DICTIONARY"],
    "decimal": ["PLAIN", SPLIT, "DICTIONARY"],
    "long_decimal": ["PLAIN", "DICTIONARY"],
    "instant": ["PLAIN", DELTA, "DICTIONARY"],
}


def nest(shape, kind):
    """Values of a shape. A column of optional values has nulls in runs and one by one."""
    if shape == "required":
        return [value_at(kind, i) for i in range(ROWS)]
    if shape == "optional":
        return [None if i % 4 == 1 or 20 <= i < 27 else value_at(kind, i) for i in range(ROWS)]
    # Lists of structs of lists: null, empty and with nulls at every level.
    rows = []
    for i in range(ROWS // 2):
        inner = [None if j % 3 == 2 else value_at(kind, i + j) for j in range(i % 4)]
        entry = None if i % 5 == 3 else {"v": None if i % 5 == 4 else inner}
        rows.append(None if i % 7 == 6 else [entry] * (i % 3))
    return rows + [[{"v": [value_at(kind, i)]}] for i in range(ROWS - len(rows))]


def columns():
    for kind, arrow in TYPES.items():
        for shape in ["required", "optional", "nested"]:
            # One nested type of each physical kind is enough: levels do not depend on the values.
            if shape == "nested" and kind not in ("int32", "text", "boolean"):
                continue
            column_type = arrow if shape != "nested" else pa.list_(pa.struct([("v", pa.list_(arrow))]))
            for encoding in ENCODINGS[kind]:
                yield f"{kind}_{shape}", encoding, pa.field(f"{kind}_{shape}.{encoding}", column_type, nullable=shape != "required")


def leaf_path(field):
    return f"{field.name}.list.element.v.list.element" if pa.types.is_list(field.type) else field.name


def write_legacy(folder, values):
    """What older writers wrote: timestamps of 96 bits, and dictionaries under the name of their first version."""
    kinds = {"instant": pa.timestamp("us", "UTC"), "text": pa.string(), "int64": pa.int64()}
    names = [f"{kind}_{shape}" for kind in kinds for shape in ("required", "optional")]
    arrays = [pa.array(nest(name.split("_")[1], name.split("_")[0]), type=kinds[name.split("_")[0]]) for name in names]
    fields = [pa.field(f"{name}.LEGACY", array.type, nullable=name.endswith("optional")) for name, array in zip(names, arrays)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    file = f"{folder}/legacy.parquet"
    pq.write_table(table, file, version="1.0", use_deprecated_int96_timestamps=True, compression="snappy", store_schema=False)
    for name, column in zip(names, pq.read_table(file, coerce_int96_timestamp_unit="us").columns):
        if exact_column(column.combine_chunks()) != values[name]:
            raise ValueError(f"PyArrow reads other values of {name} in {file}")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    listed = list(columns())
    arrays = [pa.array(nest(name.rsplit("_", 1)[1], name.rsplit("_", 1)[0]), type=field.type) for name, _, field in listed]
    table = pa.Table.from_arrays(arrays, schema=pa.schema([field for _, _, field in listed]))
    values = {name: exact_column(array) for (name, _, _), array in zip(listed, arrays)}
    dictionary = [leaf_path(field) for _, encoding, field in listed if encoding == "DICTIONARY"]
    encodings = {leaf_path(field): encoding for _, encoding, field in listed if encoding != "DICTIONARY"}
    for version in ["1.0", "2.0"]:
        for codec in CODECS:
            file = f"{folder}/v{version[0]}-{codec}.parquet"
            pq.write_table(
                table,
                file,
                compression=codec,
                data_page_version=version,
                use_dictionary=dictionary,
                column_encoding=encodings,
                write_statistics=False,
                store_schema=False,
                # Several pages and row groups, so that runs and levels begin again.
                row_group_size=ROWS if codec != "zstd" else 24,
                data_page_size=64 if codec == "snappy" else 1 << 20,
                write_batch_size=8,
                write_page_index=codec == "snappy",
                write_page_checksum=codec in ("none", "zstd"),
            )
            found = pq.read_table(file)
            for (name, _, field), column in zip(listed, found.columns):
                if exact_column(column.combine_chunks()) != values[name]:
                    raise ValueError(f"PyArrow reads other values of {field.name} in {file}")
    write_legacy(folder, values)
    with open(f"{folder}/values.json", "w") as out:
        lines = [f"{json.dumps(name)}: {json.dumps(column, ensure_ascii=False)}" for name, column in values.items()]
        out.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
