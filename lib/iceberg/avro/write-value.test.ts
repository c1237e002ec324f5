import { describe, expect, test } from 'vitest'
import { parseAvroType } from './avro-type'
import { ByteSink } from './byte-sink'
import { type AvroValue, valueWriter } from './write-value'

function writeBytes(schema: unknown, value: AvroValue | undefined): number[] {
  const sink = new ByteSink()
  valueWriter(parseAvroType(schema, 'test'))(sink, value)
  return [...sink.bytes()]
}

describe('A value', () => {
  // The first five are the examples of the Avro 1.12 specification, *Binary encoding*.
  test.each<[string, unknown, AvroValue, number[]]>([
    ['a text', 'string', 'foo', [0x06, 0x66, 0x6f, 0x6f]],
    [
      'a record',
      {
        type: 'record',
        name: 'test',
        fields: [
          { name: 'a', type: 'long' },
          { name: 'b', type: 'string' },
        ],
      },
      { a: 27, b: 'foo' },
      [0x36, 0x06, 0x66, 0x6f, 0x6f],
    ],
    ['a list', { type: 'array', items: 'long' }, [3, 27n], [0x04, 0x06, 0x36, 0x00]],
    ['an empty list', { type: 'array', items: 'long' }, [], [0x00]],
    ['null in a union', ['null', 'string'], null, [0x00]],
    ['a string in a union', ['null', 'string'], 'a', [0x02, 0x02, 0x61]],
    ['a boolean', 'boolean', true, [0x01]],
    ['a float', 'float', 1.5, [0, 0, 0xc0, 0x3f]],
    ['a double', 'double', -2, [0, 0, 0, 0, 0, 0, 0, 0xc0]],
    ['bytes', 'bytes', Uint8Array.of(7), [0x02, 7]],
    ['fixed bytes', { type: 'fixed', name: 'f', size: 2 }, Uint8Array.of(7, 8), [7, 8]],
    ['a 64-bit id', 'long', 9158179788527662767n, [0xde, 0xda, 0xd3, 0xc5, 0xdb, 0xff, 0xb1, 0x98, 0xfe, 0x01]],
  ])('is encoded as Avro specifies: %s', (_name, schema, value, bytes) => {
    expect(writeBytes(schema, value)).toEqual(bytes)
  })

  test.each<[unknown, AvroValue | undefined]>([
    ['int', 2 ** 31],
    ['int', 1.5],
    ['long', 2n ** 63n],
    ['long', '1'],
    ['long', undefined],
    ['boolean', 1],
    ['float', 1n],
    ['double', null],
    ['string', 5],
    ['bytes', 'a'],
    [{ type: 'fixed', name: 'f', size: 2 }, Uint8Array.of(1)],
    [{ type: 'array', items: 'int' }, { a: 1 }],
    [{ type: 'record', name: 'r', fields: [] }, [1]],
    [{ type: 'record', name: 'r', fields: [] }, Uint8Array.of(1)],
    [['null', 'string'], undefined],
  ])('of type %j is refused when it is %s', (schema, value) => {
    expect(() => writeBytes(schema, value)).toThrow(TypeError)
  })

  test.each([
    ['null'],
    [['string', 'null']],
    [{ type: 'map', values: 'int' }],
    [{ type: 'enum', name: 'e', symbols: [] }],
  ])('of a type that Iceberg’s files do not use (%j) cannot be written', (schema) => {
    expect(() => writeBytes(schema, null)).toThrow(TypeError)
  })
})
