import { describe, expect, it } from 'vitest'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { storedValueText } from './stored-value'
import { parsePlainValue } from './plain-value'

const column = (physicalType: PhysicalType, annotation: Annotation | null = null, lengthBytes = 0): SchemaNode => ({
  name: 'c',
  path: ['c'],
  fieldId: 1,
  repetition: 'optional',
  maxDefinition: 1,
  maxRepetition: 0,
  annotation,
  children: [],
  leaf: { index: 0, physicalType, lengthBytes },
})
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const encodingsOf = (node: SchemaNode, text: string) => parsePlainValue(node, text).encodings.map(hexOf)

// The bytes follow from the plain encoding of the format: little-endian numbers, and bytes as they are.
const CASES: [string, SchemaNode, string, string[]][] = [
  ['a boolean', column('BOOLEAN'), 'true', []],
  ['a date', column('INT32', { kind: 'date' }), '1970-01-02', ['01000000']],
  [
    'milliseconds of a day',
    column('INT32', { kind: 'time', isUtc: true, unit: 'millis' }),
    '00:00:00.005',
    ['05000000'],
  ],
  [
    'nanoseconds of a day',
    column('INT64', { kind: 'time', isUtc: false, unit: 'nanos' }),
    '00:00:00.000000003',
    ['0300000000000000'],
  ],
  [
    'milliseconds',
    column('INT64', { kind: 'timestamp', isUtc: false, unit: 'millis' }),
    '1970-01-01 00:00:00.002',
    ['0200000000000000'],
  ],
  [
    'an instant with an offset',
    column('INT64', { kind: 'timestamp', isUtc: true, unit: 'micros' }),
    '1970-01-01 01:00:00.000007+01:00',
    ['0700000000000000'],
  ],
  [
    'a time between two milliseconds',
    column('INT64', { kind: 'timestamp', isUtc: false, unit: 'millis' }),
    '1970-01-01 00:00:00.0005',
    [],
  ],
  ['an old timestamp', column('INT96'), '1970-01-01 00:00:00.000000001', ['01000000000000008c3d2500']],
  ['a decimal in an int', column('INT32', { kind: 'decimal', precision: 9, scale: 2 }), '-0.05', ['fbffffff']],
  [
    'a decimal in fixed bytes',
    column('FIXED_LEN_BYTE_ARRAY', { kind: 'decimal', precision: 9, scale: 2 }, 4),
    '-0.05',
    ['fffffffb'],
  ],
  ['a decimal with too many digits', column('INT32', { kind: 'decimal', precision: 9, scale: 2 }), '0.051', []],
  ['both zeros', column('FLOAT'), '0', ['00000000', '00000080']],
  ['a half', column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }, 2), '1.5', ['003e']],
  ['both zeros of a half', column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }, 2), '-0', ['0000', '0080']],
  [
    'a UUID',
    column('FIXED_LEN_BYTE_ARRAY', { kind: 'uuid' }, 16),
    '00112233-4455-6677-8899-AABBCCDDEEFF',
    ['00112233445566778899aabbccddeeff'],
  ],
  ['fixed bytes', column('FIXED_LEN_BYTE_ARRAY', null, 2), '0x00FF', ['00ff']],
  [
    'an interval',
    column('FIXED_LEN_BYTE_ARRAY', { kind: 'interval' }, 12),
    '0x000000000100000002000000',
    ['000000000100000002000000'],
  ],
  ['a text with spaces', column('BYTE_ARRAY', { kind: 'string' }), ' a ', ['206120']],
  ['bytes as text', column('BYTE_ARRAY'), 'ab', ['6162']],
  ['JSON', column('BYTE_ARRAY', { kind: 'json' }), '{}', ['7b7d']],
]

describe('A text as a value of a column', () => {
  it.each(CASES.slice(1))('is %s', (_what, node, text, encodings) => {
    expect(encodingsOf(node, text)).toEqual(encodings)
  })

  it('is a decimal in bytes of any length that a writer may choose', () => {
    const encodings = encodingsOf(column('BYTE_ARRAY', { kind: 'decimal', precision: 38, scale: 1 }), '-12.8')
    expect(encodings.slice(0, 2)).toEqual(['80', 'ff80'])
    expect(encodings).toHaveLength(16)
  })

  it('is read back from the words in which the inspector shows it', () => {
    for (const [what, node, text, [hex]] of CASES) {
      if (hex === undefined) continue
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
      expect(encodingsOf(node, storedValueText(node, bytes, 'UTC')), `${what} ${text}`).toContain(hex)
    }
  })

  it.each([
    [column('INT32'), 'x', '"x" is not a number'],
    [column('INT64', { kind: 'time', isUtc: false, unit: 'nanos' }), 'noon', '"noon" is not a time'],
    [column('FIXED_LEN_BYTE_ARRAY', null, 2), '0x00', '1 bytes are not a value of 2 bytes'],
    [column('INT32', { kind: 'null' }), '1', 'nothing but nulls'],
    [column('BYTE_ARRAY', { kind: 'geometry', crs: null }), 'POINT (1 2)', 'is not hexadecimal bytes'],
    [column('BOOLEAN'), 'true', 'cannot be tested'],
  ])('is refused with the reason', (node, text, reason) => {
    expect(() => parsePlainValue(node, text)).toThrow(reason)
  })
})
