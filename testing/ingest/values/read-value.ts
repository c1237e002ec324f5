import type { Json } from '@/lib/iceberg/json/json'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { timestampNanos } from '@/lib/ingest/text-value'

/** A value as it was written or read. A struct is the list of its values, a map the sorted list of its pairs. */
export type ReadValue = string | null | readonly ReadValue[]

/**
 * The one spelling of a value that engines write in their own ways.
 *
 * @param value a map is an object
 */
export function toReadValue(type: Type, value: Json): ReadValue {
  if (value === null) return null
  if (typeof type === 'string') {
    if (typeof value === 'object' && !(value instanceof JsonNumber))
      throw new Error(`${JSON.stringify(value)} is not a ${type}`)
    return normalizeText(type, Object.is(value, -0) ? '-0' : String(value))
  }
  if (type.type === 'list') {
    if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} is not a list`)
    return value.map((item: Json) => toReadValue(type.element, item))
  }
  if (!isJsonObject(value)) throw new Error(`${JSON.stringify(value)} is not a ${type.type}`)
  if (type.type === 'struct') {
    if (Object.keys(value).length !== type.fields.length)
      throw new Error(`the struct has the fields ${Object.keys(value).join(', ')}`)
    return type.fields.map((field) => {
      const item = value[field.name]
      if (item === undefined) throw new Error(`the struct has no field ${field.name}`)
      return toReadValue(field.type, item)
    })
  }
  return Object.entries(value)
    .map(([key, item]) => [toReadValue(type.key, key), toReadValue(type.value, item)])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

function normalizeText(type: PrimitiveType, text: string): string {
  if (type === 'float' || type === 'double') {
    const number = toNumber(text)
    const exact = type === 'float' ? Math.fround(number) : number
    return Object.is(exact, -0) ? '-0' : String(exact)
  }
  if (type.startsWith('decimal')) return toPlainDecimal(text)
  // As their number, because DuckDB has no text of the first and last ones.
  if (type.endsWith('_ns')) return /^-?\d+$/.test(text) ? text : String(timestampNanos(text))
  if (type.startsWith('time'))
    return text
      .replace(/(?<=\d)T(?=\d)/, ' ')
      .replace(/( UTC|Z|\+00(:00)?)$/, '')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
  return type === 'string' ? text : text.toLowerCase()
}

function toNumber(text: string): number {
  const [, sign = '', word = ''] = /^(-?)(inf|nan)/i.exec(text) ?? []
  if (word === '') return Number(text)
  return word.toLowerCase() === 'nan' ? Number.NaN : Number(`${sign}Infinity`)
}

/** Without an exponent, a fraction that ends in zeros, or the sign of zero. */
function toPlainDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text) ?? []
  const scale = fraction.length - Number(exponent)
  const digits = `${whole}${fraction}`.padStart(scale + 1, '0')
  const plain = scale > 0 ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits + '0'.repeat(-scale)
  const short = plain
    .replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
  return short === '0' ? short : sign + short
}
