import 'server-only'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import type { MapType, NestedField, Type } from '@/lib/iceberg/schema/types'
import type { JsonToken } from '@/lib/ingest/json-tokens'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

/**
 * The value of a column or a key that the input lacks: the write default if the schema has one,
 * otherwise null. A null in the input stays null.
 *
 * Spec: Iceberg table spec, *Default values* and appendix D, *JSON single-value serialization*.
 */

export function hasWriteDefault({ writeDefault }: NestedField): boolean {
  return writeDefault !== undefined && writeDefault !== null
}

/** The default as NDJSON would contain it; for a struct, without the fields that have their own defaults. */
export function writeDefaultToken({ type, writeDefault }: NestedField): JsonToken {
  return writeDefault === undefined ? { kind: 'null' } : toToken(type, writeDefault)
}

function toToken(type: Type, value: Json): JsonToken {
  if (value === null) return { kind: 'null' }
  if (typeof value === 'boolean') return { kind: value ? 'true' : 'false' }
  if (typeof value === 'string') return { kind: 'string', text: value }
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'number', text: formatNumber(value) }
  if (value instanceof JsonNumber) return { kind: 'number', text: value.text }
  if (isList(value)) {
    const element = typeof type !== 'string' && type.type === 'list' ? type.element : 'unknown'
    return { kind: 'array', items: value.map((item) => toToken(element, item)) }
  }
  if (typeof type !== 'string' && type.type === 'map') return toMapToken(type, value)
  const fields = typeof type !== 'string' && type.type === 'struct' ? type.fields : []
  const members = fields.flatMap((field): [string, JsonToken][] => {
    const item = value[field.id]
    return item === undefined ? [] : [[field.name, toToken(field.type, item)]]
  })
  return { kind: 'object', members: new Map(members) }
}

/**
 * The specification writes keys and values as two lists. An invalid map becomes an array, which a map column refuses.
 */
function toMapToken(type: MapType, { keys = null, values = null }: JsonObject): JsonToken {
  if (!isList(keys) || !isList(values) || keys.length !== values.length) return { kind: 'array', items: [] }
  const members = new Map<string, JsonToken>()
  for (const [i, key] of keys.entries()) {
    const token = toToken(type.key, key)
    if ('text' in token) members.set(token.text, toToken(type.value, values[i] ?? null))
  }
  return members.size < keys.length ? { kind: 'array', items: [] } : { kind: 'object', members }
}

function formatNumber(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
