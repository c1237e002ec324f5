"""Rows in the form in which golden tables record them, whatever engine read them.

Booleans and nulls are JSON's; every other value is text. Numbers have all their digits (decimals end without zeros), dates and times are ISO 8601 (a
timestamp with a zone is in UTC, and does not say so), bytes are hexadecimal. A struct is the list of its values, a list
a list, a map the sorted list of its `[key, value]` pairs. Rows are sorted by their JSON.
"""

import datetime
import decimal
import json
import uuid


def record(rows):
    return sorted((to_json(row) for row in rows), key=sort_key)


def sort_key(value):
    return json.dumps(value, ensure_ascii=True)


def to_json(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))
    if isinstance(value, (int, str, uuid.UUID)):
        return str(value)
    if isinstance(value, decimal.Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dict):
        return sorted(([to_json(key), to_json(item)] for key, item in value.items()), key=sort_key)
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value)} has no recorded form")
