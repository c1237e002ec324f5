import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { GoldenValue } from './golden-tables'

/** A value that the product read, in the form that `golden_rows.py` describes. */
export function toGoldenValue(type: Type, value: RowValue | null): GoldenValue {
  if (value === null) return null
  if (typeof type === 'string') return toPrimitive(type, value)
  if (!Array.isArray(value)) throw new Error(`a ${type.type} cannot be ${String(value)}`)
  const items = value as readonly (RowValue | null)[]
  switch (type.type) {
    case 'struct':
      return type.fields.map((field, i) => toGoldenValue(field.type, items[i] ?? null))
    case 'list':
      return items.map((item) => toGoldenValue(type.element, item))
    case 'map':
      return sortGolden(
        items.map((entry) => {
          const [key = null, item = null] = entry as readonly (RowValue | null)[]
          return [toGoldenValue(type.key, key), toGoldenValue(type.value, item)]
        }),
      )
  }
}

/** A recorded value with its floating-point numbers written as JavaScript does. */
export function normalizeGoldenValue(type: Type, value: GoldenValue): GoldenValue {
  if (typeof type === 'string') {
    return (type === 'float' || type === 'double') && typeof value === 'string' ? floatText(Number(value)) : value
  }
  if (!Array.isArray(value)) return value
  const items = value as readonly GoldenValue[]
  switch (type.type) {
    case 'struct':
      return type.fields.map((field, i) => normalizeGoldenValue(field.type, items[i] ?? null))
    case 'list':
      return items.map((item) => normalizeGoldenValue(type.element, item))
    case 'map':
      return sortGolden(
        items.map((entry) => {
          const [key = null, item = null] = entry as readonly GoldenValue[]
          return [normalizeGoldenValue(type.key, key), normalizeGoldenValue(type.value, item)]
        }),
      )
  }
}

export function sortGolden<Value extends GoldenValue>(values: readonly Value[]): Value[] {
  const textOf = new Map(values.map((value) => [value, JSON.stringify(value)]))
  return values.toSorted((a, b) => compareText(textOf.get(a) ?? '', textOf.get(b) ?? ''))
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Exact conversions that share no code with the product's own texts. */
function toPrimitive(type: PrimitiveType, value: RowValue): GoldenValue {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (typeof value !== 'number' && typeof value !== 'bigint') throw new Error(`a ${type} cannot be a list`)
  const parsed = parsePrimitive(type)
  switch (parsed.kind) {
    case 'float':
    case 'double':
      return floatText(Number(value))
    case 'decimal':
      return decimalText(BigInt(value), parsed.scale)
    case 'date':
      return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)
    case 'time':
      return new Date(Number(BigInt(value) / 1000n)).toISOString().slice(11, 20) + lastDigits(BigInt(value), 6)
    case 'timestamp':
    case 'timestamptz':
      return instantText(BigInt(value), 6)
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return instantText(BigInt(value), 9)
    default:
      return String(value)
  }
}

function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)]
  const significant = fraction.replace(/0+$/, '')
  return `${unscaled < 0n ? '-' : ''}${whole}${significant === '' ? '' : `.${significant}`}`
}

function instantText(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits)
  const seconds = value / unit - (value % unit < 0n ? 1n : 0n)
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 20)}${lastDigits(value - seconds * unit, digits)}`
}

function lastDigits(value: bigint, count: number): string {
  return String(value).padStart(count, '0').slice(-count)
}
