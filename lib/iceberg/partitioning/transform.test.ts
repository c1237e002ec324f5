import { describe, expect, it } from 'vitest'
import { fromHex } from '../schema/byte-text'
import { normalizePrimitiveType } from '../schema/primitive'
import {
  applyTransform,
  bucketHash,
  canTransform,
  formatTransformedValue,
  parseTransform,
  transformLabel,
  transformResultType,
} from './transform'
import vectors from './transform.vectors.json'
import type { PrimitiveType, Value } from '../schema/types'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

// Transform, type, value, result, text for people: as computed by PyIceberg.
const fromPyIceberg = (vectors as [string, string, string, string, string | null][]).map(
  ([name, typeText, text, result, label]) => ({
    name,
    transform: parseTransform(name),
    type: normalizePrimitiveType(typeText) ?? 'unknown',
    text,
    result,
    label,
  }),
)

describe('the hash of the specification’s appendix B', () => {
  it.each([
    ['int', 34, 2017239379],
    ['long', 34n, 2017239379],
    ['decimal(9, 2)', 1420n, -500754589],
    ['date', 17_486, -653330422],
    ['time', 81_068_000_000n, -662762989],
    ['timestamp', 1_510_871_468_000_000n, -2047944441],
    ['timestamp', 1_510_871_468_000_001n, -1207196810],
    ['timestamptz', 1_510_871_468_000_000n, -2047944441],
    ['timestamp_ns', 1_510_871_468_000_000_000n, -2047944441],
    ['timestamp_ns', 1_510_871_468_000_001_001n, -1207196810],
    ['timestamptz_ns', 1_510_871_468_000_001_001n, -1207196810],
    ['string', 'iceberg', 1210000089],
    ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 1488055340],
    ['fixed[4]', fromHex('00010203'), -188683207],
    ['binary', fromHex('00010203'), -188683207],
  ] as [PrimitiveType, Value, number][])('of %s %s is %i', (type, value, hash) => {
    expect(bucketHash(type, value)).toBe(hash)
  })
})

describe('transforms', () => {
  it.each(fromPyIceberg)('$name of $type $text is $result', ({ transform, type, text, result }) => {
    const value = applyTransform(transform, type, valueOf(type, text))
    expect(value).toEqual(valueOf(transformResultType(transform, type), result))
  })

  it.each(fromPyIceberg.filter(({ label }) => label !== null))(
    'show $name of $type $text as $label',
    ({ transform, type, result, label }) => {
      const value = valueOf(transformResultType(transform, type), result)
      expect(formatTransformedValue(transform, type, value)).toBe(label)
    },
  )

  it.each([
    ['truncate[10]', 'int', 1, 0],
    ['truncate[10]', 'int', -1, -10],
    ['truncate[10]', 'long', 1n, 0n],
    ['truncate[10]', 'long', -1n, -10n],
    ['truncate[50]', 'decimal(9, 2)', 1065n, 1050n],
    ['truncate[3]', 'string', 'iceberg', 'ice'],
    ['truncate[2]', 'string', '💥💥💥', '💥💥'],
    ['truncate[3]', 'binary', fromHex('0102030405'), fromHex('010203')],
  ] as [string, PrimitiveType, Value, Value][])(
    'follow the specification’s example: %s of %s %s is %s',
    (name, type, value, result) => {
      expect(applyTransform(parseTransform(name), type, value)).toEqual(result)
    },
  )

  it('wrap around below the lowest multiple, as the reference implementation does', () => {
    expect(applyTransform(parseTransform('truncate[10]'), 'int', -(2 ** 31))).toBe(2_147_483_646)
    expect(applyTransform(parseTransform('truncate[10]'), 'long', -(2n ** 63n))).toBe(2n ** 63n - 2n)
  })

  it.each(['identity', 'bucket[16]', 'truncate[4]', 'year', 'month', 'day', 'void'])(
    'return null for null: %s',
    (name) => {
      const type = name === 'truncate[4]' ? 'string' : 'date'
      expect(applyTransform(parseTransform(name), type, null)).toBeNull()
      expect(formatTransformedValue(parseTransform(name), type, null)).toBe('null')
    },
  )

  it('return null for every value with void', () => {
    expect(applyTransform(parseTransform('void'), 'string', 'x')).toBeNull()
  })
})

describe('a transform in a spec', () => {
  it.each(['bucket[0]', 'bucket[]', 'bucket[99999999999]', 'truncate[-1]', 'zorder', ''])(
    'is retained even if unknown: %s',
    (text) => {
      const transform = parseTransform(text)
      expect(transform).toEqual({ kind: 'unknown', text })
      expect(transformResultType(transform, 'long')).toBe('string')
      expect(formatTransformedValue(transform, 'long', 'x')).toBe('x')
      expect(catchAppError(() => applyTransform(transform, 'long', 1n)).code).toBe('not-supported')
    },
  )
  it('may be in upper case', () => {
    expect(parseTransform('BUCKET[4]')).toEqual({ kind: 'bucket', buckets: 4 })
  })
  it('has a label for people', () => {
    const labels = ['identity', 'bucket[16]', 'truncate[4]', 'month', 'zorder'].map((text) =>
      transformLabel(parseTransform(text), 'c'),
    )
    expect(labels).toEqual(['c', 'bucket[16](c)', 'truncate[4](c)', 'month(c)', 'zorder(c)'])
  })
})

describe('the types of a transform', () => {
  it.each([
    ['hour', 'date'],
    ['year', 'time'],
    ['bucket[4]', 'double'],
    ['truncate[4]', 'timestamp'],
    ['identity', 'variant'],
    ['zorder', 'long'],
  ] as [string, PrimitiveType][])('do not include every type: %s of %s', (name, type) => {
    expect(canTransform(parseTransform(name), type)).toBe(false)
  })
  it('give an error when the transform does not accept one', () => {
    expect(catchAppError(() => applyTransform(parseTransform('hour'), 'date', 1)).code).toBe('invalid-request')
  })
  it.each([
    ['bucket[4]', 'string', 'int'],
    ['day', 'timestamp', 'date'],
    ['hour', 'timestamp', 'int'],
    ['truncate[2]', 'decimal(9, 2)', 'decimal(9, 2)'],
    ['void', 'uuid', 'uuid'],
  ] as [string, PrimitiveType, PrimitiveType][])('determine the result: %s of %s gives %s', (name, type, result) => {
    expect(transformResultType(parseTransform(name), type)).toBe(result)
  })
})

function valueOf(type: PrimitiveType, text: string): Value {
  if (type === 'string' || type === 'uuid') return text
  if (type === 'binary' || type.startsWith('fixed')) return fromHex(text)
  return type === 'int' || type === 'date' ? Number(text) : BigInt(text)
}
