import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { type JsonToken, toPlainDigits } from '../json-tokens'

/**
 * Which values of JSON a column takes. Number columns take numbers, string columns strings, and so do columns whose
 * values have no other form in JSON (dates, times, UUIDs, binary as hexadecimal digits). Number columns also take a
 * number inside a string, because 64-bit values are often sent that way. No value is converted to another kind: `true` is
 * not a number, 1 is not a string.
 */

/** Why a type does not take a value; `value` is its text, null for one that has none. */
export type KindMisfit = { value: string | null; reason: string }

/** The text that the type is cast from, of a value that is not null. Whether it fits is not checked here. */
export function readJsonText(type: PrimitiveType, token: JsonToken): string | KindMisfit {
  const { kind } = parsePrimitive(type)
  const isNumeric = kind === 'int' || kind === 'long' || kind === 'decimal' || kind === 'float' || kind === 'double'
  switch (token.kind) {
    case 'true':
    case 'false':
      if (kind === 'boolean') return token.kind
      break
    case 'number':
      if (kind === 'float' && token.isDouble && !isFloat(Number(token.text)))
        return { value: token.text, reason: 'is a double that float cannot hold exactly' }
      if (kind === 'float' || kind === 'double') return token.text
      if (isNumeric) return toPlainDigits(token.text) ?? token.text
      break
    case 'string':
      if (kind !== 'boolean') return token.text
      break
    case 'null':
    case 'array':
    case 'object':
      break
  }
  return kindMisfit(token, type)
}

/** Why a nested type does not take a value; null if it does, whatever is within it. */
export function nestedKindMisfit(type: Exclude<Type, PrimitiveType>, token: JsonToken): KindMisfit | null {
  const [kind, noun] = type.type === 'list' ? (['array', 'an array'] as const) : (['object', 'an object'] as const)
  return token.kind === kind ? null : kindMisfit(token, noun)
}

/** @param expected with its article */
export function kindMisfit(token: JsonToken, expected: string): KindMisfit {
  return { value: displayText(token), reason: `is ${describeKind(token)}, not ${expected}` }
}

function isFloat(value: number): boolean {
  return Math.fround(value) === value
}

function describeKind(token: JsonToken): string {
  switch (token.kind) {
    case 'null':
    case 'true':
    case 'false':
      return token.kind
    case 'number':
      return 'a number'
    case 'string':
      return 'a string'
    case 'array':
      return 'an array'
    case 'object':
      return 'an object'
  }
}

function displayText(token: JsonToken): string | null {
  if (token.kind === 'number' || token.kind === 'string') return token.text
  return token.kind === 'true' || token.kind === 'false' ? token.kind : null
}
