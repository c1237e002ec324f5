"""Writes one table of random and extreme values in each format that loads read, with PyArrow, fastavro and json.

    write_inputs.py <folder> <seed>

The values as Arrow, in `values.arrow`, are what every file holds; CSV has the columns without nested values. Files of
nanoseconds are in `nanos`, with the rows that microseconds hold exactly in `micros`; `nested-nanos` and `nested-micros`
have them within lists and structs, `utc-nanos` and `utc-micros` those with a zone.
"""

import datetime
import decimal
import json
import math
import os
import random
import struct
import sys
import uuid

import fastavro
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq

decimal.getcontext().prec = 60
ROWS = 400
EPOCH = datetime.datetime(1970, 1, 1)
folder, seed = sys.argv[1], int(sys.argv[2])
rng = random.Random(seed)


def sometimes(make, every=7):
    return [None if i % every == every - 1 else make() for i in range(ROWS)]


def double():
    return rng.choice([struct.unpack("<d", rng.randbytes(8))[0], rng.choice([0.0, -0.0, 0.1, 1e300, 5e-324, math.inf, -math.inf]), rng.random()])


def single():
    """PyArrow writes 812345664 as 812345700 in CSV, which a load rejects: no float is this whole number."""
    value = struct.unpack("<f", rng.choice([rng.randbytes(4), struct.pack("<f", rng.random())]))[0]
    return 0.25 if 2**24 < abs(value) < 1e22 else value


def text():
    pieces = ["", "a", "ü", "😀", '"', ",", "\n", "\r\n", "\t", "null", " ", "\\", "7.5", "'"]
    return "".join(rng.choice(pieces) for _ in range(rng.randrange(6)))


def micros():
    return rng.choice([rng.randrange(-62135596800000000, 253402300800000000), rng.randrange(-1000, 1000), 0])


def moment():
    return EPOCH + datetime.timedelta(microseconds=micros())


def not_nan(value):
    return 0.5 if value != value else value


def maybe(make, share=0.2):
    return None if rng.random() < share else make()


def few(make, count=4):
    return [make() for _ in range(rng.randrange(count))]


def amount():
    return decimal.Decimal(rng.randrange(-(10**20) + 1, 10**20)).scaleb(-4)


def item():
    return {"code": maybe(text), "amount": maybe(amount), "at": maybe(lambda: moment().replace(tzinfo=datetime.UTC)), "tags": maybe(lambda: few(lambda: maybe(text)))}


def record():
    inner = lambda: {"day": maybe(lambda: moment().date()), "ratios": maybe(lambda: few(lambda: maybe(lambda: not_nan(double()))))}
    return {"local": maybe(moment), "inner": maybe(inner), "flags": maybe(lambda: few(lambda: maybe(lambda: rng.random() < 0.5)))}


ITEM = pa.struct([("code", pa.string()), ("amount", pa.decimal128(20, 4)), ("at", pa.timestamp("us", tz="UTC")), ("tags", pa.list_(pa.string()))])
RECORD = pa.struct([
    ("local", pa.timestamp("us")),
    ("inner", pa.struct([("day", pa.date32()), ("ratios", pa.list_(pa.float64()))])),
    ("flags", pa.list_(pa.bool_())),
])
POINT = pa.struct([("x", pa.int32()), ("name", pa.string())])
COLUMNS = {
    "id": (pa.int64(), [rng.choice([-(2**63), 2**63 - 1, 2**53 + 1, rng.randrange(-(2**63), 2**63)]) for _ in range(ROWS)]),
    "small": (pa.int32(), sometimes(lambda: rng.choice([-(2**31), 2**31 - 1, rng.randrange(-(2**31), 2**31)]))),
    "flag": (pa.bool_(), sometimes(lambda: rng.random() < 0.5, 3)),
    "d": (pa.float64(), sometimes(lambda: not_nan(double()), 5)),
    "f": (pa.float32(), sometimes(lambda: not_nan(single()), 6)),
    "amount": (pa.decimal128(38, 9), sometimes(lambda: decimal.Decimal(rng.randrange(-(10**38) + 1, 10**38)).scaleb(-9))),
    "price": (pa.decimal128(9, 2), sometimes(lambda: decimal.Decimal(rng.randrange(-(10**9) + 1, 10**9)).scaleb(-2), 4)),
    "day": (pa.date32(), sometimes(lambda: moment().date())),
    "clock": (pa.time64("us"), sometimes(lambda: moment().time(), 8)),
    "at": (pa.timestamp("us", tz="UTC"), sometimes(lambda: moment().replace(tzinfo=datetime.UTC))),
    "local": (pa.timestamp("us"), sometimes(moment, 9)),
    "note": (pa.string(), sometimes(text, 10)),
    "bytes": (pa.binary(), sometimes(lambda: rng.randbytes(rng.randrange(9)))),
    "list": (pa.list_(pa.int64()), sometimes(lambda: [rng.choice([None, 2**62 + 1, 0]) for _ in range(rng.randrange(4))])),
    "map": (pa.map_(pa.string(), pa.float64()), sometimes(lambda: [(f"k{i}", rng.choice([None, 0.1, -1e300])) for i in range(rng.randrange(3))], 5)),
    "point": (POINT, sometimes(lambda: {"x": rng.choice([None, rng.randrange(-9, 9)]), "name": rng.choice([None, text()])}, 6)),
    "items": (pa.list_(ITEM), sometimes(lambda: few(lambda: maybe(item)))),
    "record": (RECORD, sometimes(record, 8)),
    "groups": (pa.map_(pa.string(), pa.list_(pa.int64())), sometimes(lambda: [(f"g{i}", maybe(lambda: few(lambda: maybe(lambda: rng.randrange(-(2**63), 2**63))))) for i in range(rng.randrange(3))], 5)),
    "lists": (pa.list_(pa.list_(pa.decimal128(20, 4))), sometimes(lambda: few(lambda: maybe(lambda: few(lambda: maybe(amount)))), 6)),
}
NESTED = ["bytes", "list", "map", "point", "items", "record", "groups", "lists"]
FLAT = [name for name, (kind, _) in COLUMNS.items() if name not in NESTED]
table = pa.table({name: pa.array(values, kind) for name, (kind, values) in COLUMNS.items()})
flat = table.select(FLAT)


def at(name):
    return f"{folder}/{name}"


pa.feather.write_feather(table, at("values.arrow"), compression="uncompressed")

for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    for page in ["1.0", "2.0"]:
        options = {"compression": codec, "data_page_version": page, "use_dictionary": codec in ("none", "zstd"), "row_group_size": 150, "data_page_size": 512, "write_page_index": page == "2.0"}
        pq.write_table(table, at(f"{codec}-{page}.parquet"), **options)
delta = {name: "DELTA_BINARY_PACKED" for name in ["id", "small"]} | {"note": "DELTA_BYTE_ARRAY", "d": "BYTE_STREAM_SPLIT", "f": "BYTE_STREAM_SPLIT"}
pq.write_table(table, at("encodings.parquet"), use_dictionary=False, column_encoding=delta, store_decimal_as_integer=False)
pq.write_table(table, at("int-decimals.parquet"), store_decimal_as_integer=True)
pq.write_table(flat, at("checked.parquet"), use_dictionary=["price"], compression="zstd", data_page_size=512, row_group_size=150, write_page_checksum=True)
chunk = pq.ParquetFile(at("checked.parquet")).metadata.row_group(1).column(FLAT.index("note"))
with open(at("checked.parquet"), "rb") as whole, open(at("damaged.parquet"), "wb") as damaged:
    bytes = bytearray(whole.read())
    bytes[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    damaged.write(bytes)
pq.write_table(table, at("split.parquet"), use_dictionary=False, column_encoding={"amount": "BYTE_STREAM_SPLIT"})
for codec in ["uncompressed", "lz4", "zstd"]:
    pa.feather.write_feather(table, at(f"{codec}.feather"), compression=codec, chunksize=64)

pa.csv.write_csv(flat, at("comma.csv"))
pa.csv.write_csv(flat, at("tabs.tsv"), pa.csv.WriteOptions(delimiter="\t", quoting_style="all_valid"))
for name in ["comma.csv", "tabs.tsv"]:
    for codec, extension in [("gzip", "gz"), ("zstd", "zst")]:
        with open(at(name), "rb") as plain, pa.CompressedOutputStream(at(f"{name}.{extension}"), codec) as packed:
            packed.write(plain.read())


class Number(float):
    """Exactly these digits in JSON."""

    def __new__(cls, digits):
        number = super().__new__(cls, 0)
        number.digits = digits
        return number

    def __repr__(self):
        return self.digits


def plain(value, kind):
    if value is None:
        return None
    if pa.types.is_floating(kind):
        return Number(repr(value)) if math.isfinite(value) else str(value)
    if pa.types.is_decimal(kind):
        return Number(f"{value:f}")
    if pa.types.is_date(kind) or pa.types.is_time(kind):
        return value.isoformat()
    if pa.types.is_timestamp(kind):
        return value.isoformat().replace("+00:00", "Z")
    if pa.types.is_binary(kind):
        return value.hex()
    if pa.types.is_list(kind):
        return [plain(item, kind.value_type) for item in value]
    if pa.types.is_map(kind):
        return {key: plain(item, kind.item_type) for key, item in value}
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    return value




def encode(value):
    if isinstance(value, Number):
        return value.digits
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value, ensure_ascii=rng.random() < 0.5)


records = [{name: plain(row[name], COLUMNS[name][0]) for name in COLUMNS} for row in table.to_pylist()]
lines = [encode(record) for record in records]
open(at("lines.ndjson"), "w", encoding="utf8", newline="").write("\n".join(lines))
open(at("array.json"), "w", encoding="utf8", newline="").write("[\n" + ",\n".join(lines) + "\n]")


def optional(kind):
    return ["null", kind]


def logical(kind, name, **more):
    return {"type": kind, "logicalType": name, **more}


AVRO = {
    "id": "long",
    "small": optional("int"),
    "flag": optional("boolean"),
    "d": optional("double"),
    "f": optional("float"),
    "amount": optional(logical("bytes", "decimal", precision=38, scale=9)),
    "price": optional({"type": "fixed", "name": "price", "size": 4, "logicalType": "decimal", "precision": 9, "scale": 2}),
    "day": optional(logical("int", "date")),
    "clock": optional(logical("long", "time-micros")),
    "at": optional(logical("long", "timestamp-micros")),
    "local": optional(logical("long", "local-timestamp-micros")),
    "note": optional("string"),
    "bytes": optional("bytes"),
    "list": optional({"type": "array", "items": optional("long")}),
    "map": optional({"type": "map", "values": optional("double")}),
    "items": optional({"type": "array", "items": optional({"type": "record", "name": "item", "fields": [
        {"name": "code", "type": optional("string")},
        {"name": "amount", "type": optional(logical("bytes", "decimal", precision=20, scale=4))},
        {"name": "at", "type": optional(logical("long", "timestamp-micros"))},
        {"name": "tags", "type": optional({"type": "array", "items": optional("string")})},
    ]})}),
    "record": optional({"type": "record", "name": "record", "fields": [
        {"name": "local", "type": optional(logical("long", "local-timestamp-micros"))},
        {"name": "inner", "type": optional({"type": "record", "name": "inner", "fields": [
            {"name": "day", "type": optional(logical("int", "date"))},
            {"name": "ratios", "type": optional({"type": "array", "items": optional("double")})},
        ]})},
        {"name": "flags", "type": optional({"type": "array", "items": optional("boolean")})},
    ]}),
    "groups": optional({"type": "map", "values": optional({"type": "array", "items": optional("long")})}),
    "lists": optional({"type": "array", "items": optional({"type": "array", "items": optional(logical("bytes", "decimal", precision=20, scale=4))})}),
    "point": optional({"type": "record", "name": "point", "fields": [{"name": "x", "type": optional("int")}, {"name": "name", "type": optional("string")}]}),
}
schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": [{"name": name, "type": kind} for name, kind in AVRO.items()]})
MAPS = ["map", "groups"]


def with_maps(row, kind):
    return {**row, **{name: None if row[name] is None else kind(row[name]) for name in MAPS}}


rows = [with_maps(row, dict) for row in table.to_pylist()]
for codec in ["null", "deflate", "snappy", "zstandard"]:
    with open(at(f"{codec}.avro"), "wb") as out:
        fastavro.writer(out, schema, rows, codec=codec, sync_interval=2000)
    with open(at(f"{codec}.avro"), "rb") as written:
        read = pa.Table.from_pylist([with_maps(row, lambda pairs: list(pairs.items())) for row in fastavro.reader(written)], table.schema)
    assert read.equals(table), f"fastavro reads its {codec} differently"


def nanos(first, last):
    """In the range of nanoseconds, of which microseconds hold two thirds exactly."""
    near = rng.choice([0, -(10**18), 10**18]) + rng.randrange(-3000, 3000)
    value = rng.choice([near, rng.randrange(first, last), first, last])
    return value if rng.random() < 0.33 else max(value // 1000, first // 1000 + 1) * 1000


def iso(value, zone):
    seconds, fraction = divmod(value, 10**9)
    return f"{(EPOCH + datetime.timedelta(seconds=seconds)).isoformat()}.{fraction:09d}{zone}"


def is_micros(value):
    """Whether microseconds hold every time in it exactly."""
    if isinstance(value, dict):
        return all(map(is_micros, value.values()))
    return all(map(is_micros, value)) if isinstance(value, list) else value is None or value % 1000 == 0


def to_micros(value):
    if isinstance(value, dict):
        return {name: to_micros(item) for name, item in value.items()}
    return [to_micros(item) for item in value] if isinstance(value, list) else None if value is None else value // 1000


def write_nanos(name, exact_name, kinds, rows):
    """Writes rows of numbers of nanoseconds. `kinds`: functions of a unit to the types of the columns after `id`."""
    for folder_name, unit, written in [
        (name, "ns", list(enumerate(rows))),
        (exact_name, "us", [(i, [to_micros(value) for value in row]) for i, row in enumerate(rows) if all(map(is_micros, row))]),
    ]:
        os.mkdir(at(folder_name))
        columns = {"id": pa.array([i for i, _ in written], pa.int64())}
        for position, (column, kind) in enumerate(kinds.items()):
            columns[column] = pa.array([row[position] for _, row in written], kind(unit))
        times = pa.table(columns)
        pa.feather.write_feather(times, at(f"{folder_name}/values.arrow"), compression="uncompressed")
        if unit == "ns":
            pa.feather.write_feather(times, at(f"{folder_name}/times.feather"), compression="zstd", chunksize=64)
            pq.write_table(times, at(f"{folder_name}/times.parquet"), row_group_size=150)


ENDS = [-(2**63), 2**63 - 1]
flat_times = [[None if i % 7 == 6 else nanos(*ENDS), None if i % 5 == 4 else nanos(*ENDS)] for i in range(ROWS)]
KINDS = {"local": lambda unit: pa.timestamp(unit), "utc": lambda unit: pa.timestamp(unit, tz="UTC")}
write_nanos("nanos", "micros", KINDS, flat_times)
times_schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": [
    {"name": "id", "type": "long"},
    {"name": "local", "type": optional(logical("long", "local-timestamp-nanos"))},
    {"name": "utc", "type": optional(logical("long", "timestamp-nanos"))},
]})
with open(at("nanos/times.avro"), "wb") as out:
    fastavro.writer(out, times_schema, [{"id": i, "local": local, "utc": utc} for i, (local, utc) in enumerate(flat_times)])
with open(at("nanos/times.ndjson"), "w") as out:
    for i, (local, utc) in enumerate(flat_times):
        out.write(json.dumps({"id": i, "local": None if local is None else iso(local, ""), "utc": None if utc is None else iso(utc, "Z")}) + "\n")

# The first and the last microsecond cannot be written within nested columns.
INNER_ENDS = [-(2**63) + 1000, 2**63 - 2]
write_nanos(
    "nested-nanos",
    "nested-micros",
    {"times": lambda unit: pa.list_(pa.timestamp(unit)), "inner": lambda unit: pa.struct([("local", pa.timestamp(unit))])},
    [[None if i % 7 == 6 else few(lambda: maybe(lambda: nanos(*INNER_ENDS))), None if i % 5 == 4 else {"local": maybe(lambda: nanos(*INNER_ENDS))}] for i in range(ROWS)],
)
write_nanos(
    "utc-nanos",
    "utc-micros",
    {"times": lambda unit: pa.list_(pa.timestamp(unit, tz="UTC"))},
    [[None if i % 7 == 6 else few(lambda: maybe(lambda: nanos(*INNER_ENDS)))] for i in range(ROWS)],
)
