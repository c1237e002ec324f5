import { describe, expect, test } from 'vitest'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { toVector } from '@/testing/iceberg/to-vector'
import { readVariantColumn } from './variant-shape'
import { variantVector } from './variant-vector'
import type { Vector } from './vector'

function nodeOf(name: string, part: Partial<SchemaNode>): SchemaNode {
  return {
    name,
    path: ['v', name],
    fieldId: null,
    repetition: 'optional',
    maxDefinition: 1,
    maxRepetition: 0,
    annotation: null,
    children: [],
    leaf: null,
    ...part,
  }
}
const leaf = (name: string, physicalType: PhysicalType, annotation: Annotation | null = null) =>
  nodeOf(name, { annotation, leaf: { index: 0, physicalType, lengthBytes: 0 } })

/** A variant that is shredded into one column. */
const shredded = (physicalType: PhysicalType, annotation: Annotation | null) =>
  readVariantColumn(
    nodeOf('v', {
      children: [
        leaf('metadata', 'BYTE_ARRAY'),
        leaf('value', 'BYTE_ARRAY'),
        leaf('typed_value', physicalType, annotation),
      ],
    }),
  ).group

/** Version 1, without names. */
const METADATA = Uint8Array.of(1, 0, 0)
/** An 8-bit 5. */
const FIVE = Uint8Array.of(0x0c, 5)

function jsonOf(values: (Uint8Array | null)[], typed: (bigint | null)[]): string[] {
  const length = values.length
  const metadata = toVector(
    'binary',
    values.map(() => METADATA),
  )
  const fields: Vector[] = [toVector('binary', values), toVector('long', typed)]
  const group = shredded('INT64', { kind: 'integer', bits: 64, isSigned: true })
  const vector = variantVector(group, metadata, { kind: 'struct', length, validity: null, fields }, () => {})
  if (vector.kind !== 'bytes') throw new Error(`the variants are ${vector.kind}`)
  const { bytes, offsets } = vector
  return values.map((_, i) => new TextDecoder().decode(bytes.subarray(offsets[i], offsets[i + 1])))
}

describe('A shredded variant', () => {
  test('is in its column or in its bytes, and otherwise null', () => {
    expect(jsonOf([null, FIVE, null], [7n, null, null])).toEqual(['7', '5', 'null'])
  })

  test('is damaged when both the column and the bytes have a value', () => {
    expect(() => jsonOf([FIVE], [7n])).toThrow('both a value and a typed value')
  })

  test.each<[unit: 'millis' | 'micros' | 'nanos', PhysicalType]>([
    ['nanos', 'INT64'],
    ['millis', 'INT32'],
    ['micros', 'INT32'],
  ])('has times in microseconds only, not in %s of %s', (unit, physicalType) => {
    expect(() => shredded(physicalType, { kind: 'time', isUtc: false, unit })).toThrow('not a type of variants')
    expect(shredded('INT64', { kind: 'time', isUtc: false, unit: 'micros' }).typed).toMatchObject({ type: 'time' })
  })
})
