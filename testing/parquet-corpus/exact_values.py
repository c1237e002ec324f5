"""Values of Arrow columns in the exact form in which tests of Parquet compare them.

Booleans and nulls are JSON's, text is text. Whole numbers are text; so are dates, times and timestamps, as whole numbers
of days, or of the unit that the product reads them in (microseconds, or nanoseconds if Parquet has those), and decimals,
as whole numbers without their point. Floating-point numbers are the bits of a double, bytes are hexadecimal. A struct
is the list of its values, a map a list of pairs.
"""

import decimal
import struct
import uuid

import pyarrow as pa

decimal.getcontext().prec = 100


def exact_column(array):
    return [exact(item, array.type) for item in array]


def exact(scalar, kind):
    if not scalar.is_valid:
        return None
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            return str(uuid.UUID(bytes=scalar.value.as_py()))
        return exact(scalar.value, kind.storage_type)
    if pa.types.is_dictionary(kind):
        return exact(scalar.value, kind.value_type)
    if pa.types.is_boolean(kind):
        return scalar.as_py()
    if pa.types.is_float16(kind):
        return struct.pack("<e", scalar.as_py()).hex()
    if pa.types.is_floating(kind):
        value = scalar.as_py()
        return "NaN" if value != value else struct.pack(">d", value).hex()
    if pa.types.is_integer(kind):
        return str(scalar.as_py())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return scalar.as_py()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return scalar.as_py().hex()
    if pa.types.is_decimal(kind):
        return str(int(scalar.as_py().scaleb(kind.scale)))
    if pa.types.is_date(kind):
        return str(scalar.cast(pa.date32()).value)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return str(scalar.value * {"s": 1_000_000, "ms": 1000}.get(kind.unit, 1))
    if pa.types.is_map(kind):
        pairs = scalar.values
        keys, items = pairs.field(0), pairs.field(1)
        return [[exact(keys[i], kind.key_type), exact(items[i], kind.item_type)] for i in range(len(pairs))]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [exact(item, kind.value_type) for item in scalar.values]
    if pa.types.is_struct(kind):
        return [exact(scalar[i], kind.field(i).type) for i in range(kind.num_fields)]
    if pa.types.is_null(kind):
        return None
    raise TypeError(f"{kind} has no exact form")
