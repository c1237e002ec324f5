import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { GoldenValue } from './golden-tables'
import { sortGolden } from './golden-value'

/** A value of a line of NDJSON, parsed without rounding, in the form that `golden_rows.py` describes. */
export function jsonToGolden(type: Type, value: Json): GoldenValue {
  if (value === null) return null
  if (type === 'variant') return stringifyExactJson(value)
  if (typeof type === 'string') return toPrimitive(type, value)
  switch (type.type) {
    case 'struct':
      return type.fields.map((field) => jsonToGolden(field.type, memberOf(value, field.name)))
    case 'list':
      return itemsOf(value).map((item) => jsonToGolden(type.element, item))
    case 'map':
      return sortGolden(
        entriesOf(value).map(([key = null, item = null]) => [
          jsonToGolden(type.key, key),
          jsonToGolden(type.value, item),
        ]),
      )
  }
}

function toPrimitive(type: PrimitiveType, value: Json): GoldenValue {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : Object.is(value, -0) ? '-0' : stringifyExactJson(value)
  switch (parsePrimitive(type).kind) {
    case 'int':
    case 'long':
      if (typeof value === 'string') throw new Error(`${text} is text`)
      return text
    case 'float':
      return numberText(Math.fround(Number(text)))
    case 'double':
      return numberText(Number(text))
    case 'decimal':
      return text.includes('.') ? text.replace(/\.?0+$/, '') : text
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return withFraction(text, 6)
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return withFraction(text, 9)
    default:
      return text
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function withFraction(text: string, digits: number): string {
  const [whole = '', fraction = ''] = text.replace('+00:00', '').split('.')
  return `${whole}.${fraction.padEnd(digits, '0')}`
}

function memberOf(value: Json, name: string): Json {
  if (!isJsonObject(value) || !Object.hasOwn(value, name)) throw new Error(`there is no ${name}`)
  return value[name] ?? null
}

/** A map with text keys is an object, and any other one a list of pairs. */
function entriesOf(value: Json): (readonly Json[])[] {
  return isJsonObject(value) ? Object.entries(value) : itemsOf(value).map(itemsOf)
}

function itemsOf(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new Error('a list is missing')
  return value
}
