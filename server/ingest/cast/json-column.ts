import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { JsonToken } from '@/lib/ingest/json-tokens'
import { kindMisfit, readJsonText } from '@/lib/ingest/rejects/json-value'
import { misfitReason, timestampNanos } from '@/lib/ingest/text-value'
import type { NestedUse } from './nested-use'
import { writeDefaultToken } from './write-default'

/**
 * Converts JSON values to the texts that a column is cast from; `json-value` says which kinds of values it takes. A map
 * is an object; its keys are texts of the key's type. A missing key gets the write default.
 */

/** A value that does not fit, with its path inside the column. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
  readonly at: string
  readonly value: string | null

  constructor(at: string, value: string | null, reason: string) {
    super(reason)
    this.at = at
    this.value = value
  }
}

/** @throws {Misfit} when the type does not accept this kind of JSON value; whether the text fits is not checked here */
export function toPrimitiveText(type: PrimitiveType, token: JsonToken, at: string): string | null {
  if (token.kind === 'null') return null
  const read = readJsonText(type, token)
  if (typeof read === 'string') return read
  throw new Misfit(at, read.value, read.reason)
}

function otherKind(token: JsonToken, expected: string, at: string): Misfit {
  const { value, reason } = kindMisfit(token, expected)
  return new Misfit(at, value, reason)
}

/** @property use collects the fields of structs, for a column that fields of the input fill */
export type NestedOptions = { ignoreExtra: boolean; use?: NestedUse | undefined }

/**
 * Converts a nested value to JSON of the same shape in which every primitive is a string. Checks all of them.
 *
 * @throws {Misfit}
 */
export function toNestedText(
  type: Exclude<Type, PrimitiveType>,
  token: JsonToken,
  at: string,
  { ignoreExtra, use }: NestedOptions,
): string {
  switch (type.type) {
    case 'struct': {
      if (token.kind !== 'object') throw otherKind(token, 'an object', at)
      const known = new Set(type.fields.map((field) => field.name))
      use?.addStruct()
      for (const key of token.members.keys()) {
        if (known.has(key)) use?.add(key)
        else if (ignoreExtra) use?.skip(key)
        else throw new Misfit(`${at}.${key}`, null, 'is a field the schema does not have')
      }
      const members = type.fields.map((field) => {
        const options = { ignoreExtra, use: use?.within(field.name) }
        return `${JSON.stringify(field.name)}:${fieldText(field, token.members.get(field.name), at, options)}`
      })
      return `{${members.join(',')}}`
    }
    case 'list': {
      if (token.kind !== 'array') throw otherKind(token, 'an array', at)
      const options = { ignoreExtra, use: use?.within('element') }
      const items = token.items.map((item, i) =>
        leafText(type.element, item, `${at}[${i}]`, type.elementRequired, options),
      )
      return `[${items.join(',')}]`
    }
    case 'map': {
      if (token.kind !== 'object') throw otherKind(token, 'an object', at)
      if (typeof type.key !== 'string') throw new Misfit(at, null, 'has keys that JSON cannot write')
      const keyType = type.key
      const options = { ignoreExtra, use: use?.within('value') }
      const seen = new Set<string>()
      const members = [...token.members].map(([key, value]) => {
        const reason = misfitReason(keyType, key)
        if (reason !== null) throw new Misfit(at, key, `has a key that ${reason}`)
        const canonicalKey = toCanonicalForm(keyType, key)
        if (seen.has(canonicalKey)) throw new Misfit(at, key, 'has a key twice')
        seen.add(canonicalKey)
        return `${JSON.stringify(key)}:${leafText(type.value, value, `${at}[${JSON.stringify(key)}]`, type.valueRequired, options)}`
      })
      return `{${members.join(',')}}`
    }
  }
}

/**
 * One text for each value, for types that have several: `1`, `+1` and `01`, `2001-01-01 00:00` and
 * `2001-01-01T00:00:00.0`.
 */
function toCanonicalForm(type: PrimitiveType, text: string): string {
  const { kind } = parsePrimitive(type)
  switch (kind) {
    case 'int':
    case 'long':
      return String(BigInt(text.replace('+', '')))
    case 'float':
    case 'double':
      return String(Number(text))
    case 'decimal': {
      const [, sign, whole = '', fraction = ''] = /^([+-]?)0*([0-9]*)(?:[.]([0-9]*?)0*)?$/.exec(text) ?? []
      return `${sign === '-' && whole + fraction !== '' ? '-' : ''}${whole}.${fraction}`
    }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return text
        .replace('T', ' ')
        .replace(/([.][0-9]*?)0+(?=$|[zZ+-])/, '$1')
        .replace(/[.](?=$|[zZ+-])/, '')
    case 'boolean':
    case 'uuid':
    case 'binary':
      return text.toLowerCase()
    default:
      return text
  }
}

function fieldText(field: NestedField, token: JsonToken | undefined, at: string, options: NestedOptions): string {
  return leafText(field.type, token ?? writeDefaultToken(field), `${at}.${field.name}`, field.required, options)
}

/**
 * The source of a column that the input does not have.
 *
 * @returns null when the column has no write default
 * @throws {AppError} not-supported when its type does not accept the default
 */
export function writeDefaultText(field: NestedField): string | null {
  const { type, name } = field
  const token = writeDefaultToken(field)
  if (token.kind === 'null') return null
  try {
    if (typeof type !== 'string') return toNestedText(type, token, name, { ignoreExtra: false })
    const text = toPrimitiveText(type, token, name) ?? ''
    const reason = misfitReason(type, text)
    if (reason !== null) throw new Misfit(name, text, reason)
    return text
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    const detail = `The write default of column ${cause.at} cannot be written: it ${cause.message}.`
    throw new AppError('not-supported', detail, { cause, facts: { column: cause.at } })
  }
}

function leafText(type: Type, token: JsonToken, at: string, isRequired: boolean, options: NestedOptions): string {
  if (token.kind === 'null') {
    if (isRequired) throw new Misfit(at, null, 'is null, and the schema requires a value')
    return 'null'
  }
  if (typeof type !== 'string') return toNestedText(type, token, at, options)
  const text = toPrimitiveText(type, token, at) ?? ''
  const reason = misfitReason(type, text) ?? nestedMisfitReason(type, text)
  if (reason !== null) throw new Misfit(at, text, reason)
  // DuckDB's cast from text to bytes reads \x escapes, not bare hexadecimal digits, and that to times no plus.
  if (type === 'binary') return JSON.stringify(text.replace(/../g, '\\x$&'))
  const hasYearSign = type === 'date' || type === 'timestamp' || type === 'timestamptz'
  return JSON.stringify(hasYearSign ? text.replace(/^[+]/, '') : text)
}

/** Inside a nested value, DuckDB would make nulls of the times in the first and the last microsecond. */
function nestedMisfitReason(type: PrimitiveType, text: string): string | null {
  if (type !== 'timestamp_ns' && type !== 'timestamptz_ns') return null
  const nanos = timestampNanos(text)
  return nanos >= FIRST_NESTED_NANOS && nanos <= LAST_NESTED_NANOS
    ? null
    : 'is in the first or the last microsecond of the range of nanoseconds, which cannot be written inside a nested column'
}

const FIRST_NESTED_NANOS = -(2n ** 63n / 1000n) * 1000n
const LAST_NESTED_NANOS = 2n ** 63n - 2n
