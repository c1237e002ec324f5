import { AppError } from '@/lib/errors'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { parsePrimitiveDefault } from '@/lib/iceberg/schema/default-value'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from './row-value'

/**
 * The value of a column in rows that were written before the column was added. The default of a struct is null or a
 * struct whose fields have their own defaults.
 *
 * Spec: Iceberg table spec, *Default values*, and appendix D, *JSON single-value serialization*.
 *
 * @throws {AppError} file-damaged if the table's default is not a value of its column
 */
export function initialDefaultOf({ name, type, initialDefault }: DefaultedField): RowValue | null {
  if (initialDefault === undefined || initialDefault === null) return null
  const value = toRowValue(type, initialDefault)
  if (value === null) throw invalidDefaultError(name)
  return value
}

type DefaultedField = Pick<NestedField, 'name' | 'type' | 'initialDefault'>

/** Null if the JSON is not a value of the type. */
function toRowValue(type: Type, json: Json): RowValue | null {
  if (typeof type === 'string') return parsePrimitiveDefault(type, json)
  switch (type.type) {
    case 'struct':
      if (!isJsonObject(json)) return null
      return type.fields.map((field) => {
        const own = json[field.id]
        return own === undefined || own === null ? initialDefaultOf(field) : requireValue(field.name, field.type, own)
      })
    case 'list':
      return toItems(type.element, json)
    case 'map': {
      if (!isJsonObject(json)) return null
      const { keys, values }: JsonObject = json
      const keyItems = toItems(type.key, keys)
      const valueItems = toItems(type.value, values)
      if (keyItems === null || valueItems?.length !== keyItems.length) return null
      return keyItems.map((key, i) => [key, valueItems[i] ?? null])
    }
  }
}

function toItems(type: Type, json: Json | undefined): (RowValue | null)[] | null {
  if (!Array.isArray(json)) return null
  return (json as readonly Json[]).map((item) => (item === null ? null : requireValue('element', type, item)))
}

function requireValue(name: string, type: Type, json: Json): RowValue {
  const value = toRowValue(type, json)
  if (value === null) throw invalidDefaultError(name)
  return value
}

function invalidDefaultError(name: string): AppError {
  return new AppError('file-damaged', `The initial default of column ${name} is not a valid value of its type`, {
    facts: { column: name },
  })
}
