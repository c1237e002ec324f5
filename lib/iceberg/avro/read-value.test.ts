import { describe, expect, test } from 'vitest'
import { type AvroType, parseAvroType } from './avro-type'
import { ByteCursor } from './byte-cursor'
import { ByteSink } from './byte-sink'
import {
  arrayReader,
  binaryReader,
  booleanReader,
  idReader,
  integerReader,
  type Reader,
  recordReader,
  skipper,
  projectedField,
} from './read-value'

const typeOf = (json: unknown) => parseAvroType(json, 'file x')
const cursorOver = (write: (sink: ByteSink) => void) => {
  const sink = new ByteSink()
  write(sink)
  return new ByteCursor(sink.bytes(), 'file x')
}

const LONGS = typeOf({ type: 'array', items: 'long' })
const MAP = typeOf({ type: 'map', values: 'string' })
const pairs = (value: string) =>
  typeOf({
    type: 'array',
    items: {
      type: 'record',
      name: 'p',
      fields: [
        { name: 'key', type: 'int' },
        { name: 'value', type: value },
      ],
    },
  })
const readLongs = arrayReader(LONGS, 'file x', (items) => integerReader(items, 'file x'))

describe('A list', () => {
  test('may come in several blocks, with or without their size in bytes', () => {
    const blocks = (sink: ByteSink) => {
      sink.long(2)
      sink.long(7)
      sink.long(-300)
      sink.long(-1)
      sink.long(1)
      sink.long(9)
      sink.long(0)
    }
    const [read, skipped] = [cursorOver(blocks), cursorOver(blocks)]
    expect(readLongs(read)).toEqual([7, -300, 9])
    skipper(LONGS, 'file x')(skipped)
    expect([read.remainingBytes, skipped.remainingBytes]).toEqual([0, 0])
  })

  test.each<[string, AvroType]>([
    ['of numbers', LONGS],
    ['of pairs with a number', pairs('long')],
    ['of pairs with bytes', pairs('bytes')],
    ['of pairs with a string', pairs('string')],
    ['of nothing', typeOf({ type: 'array', items: 'null' })],
    ['that is a map', MAP],
  ])('%s that claims more values than bytes remain is refused without counting them', (_name, type) => {
    const cursor = cursorOver((sink) => {
      sink.long(2n ** 50n)
      sink.fixed(new Uint8Array(20))
    })
    expect(() => skipper(type, 'file x')(cursor)).toThrow('a list of 1125899906842624 values does not fit')
  })

  test('that claims more values than bytes remain is refused when read, too', () => {
    for (const count of [2n ** 50n, -(2n ** 50n)]) {
      const cursor = cursorOver((sink) => {
        sink.long(count)
        sink.fixed(new Uint8Array(20))
      })
      expect(() => readLongs(cursor)).toThrow('a list of 1125899906842624 values does not fit')
    }
  })

  test('of values that take no bytes is refused, because any count would fit', () => {
    const type = typeOf({ type: 'array', items: { type: 'record', name: 'r', fields: [] } })
    const cursor = cursorOver((sink) => sink.long(1))
    const reader = () => arrayReader(type, 'file x', () => () => 1)(cursor)
    expect(reader).toThrow(expect.objectContaining({ code: 'file-damaged' }))
  })
})

describe('Fields that are not requested are skipped', () => {
  test.each<[string, unknown, (sink: ByteSink) => void]>([
    ['null', 'null', () => undefined],
    ['a boolean', 'boolean', (sink) => sink.boolean(true)],
    ['an int', 'int', (sink) => sink.long(-70_000)],
    ['an enum', { type: 'enum', name: 'e', symbols: ['A', 'B'] }, (sink) => sink.long(1)],
    ['a float', 'float', (sink) => sink.float(1)],
    ['a double', 'double', (sink) => sink.double(1)],
    ['a text', 'string', (sink) => sink.text('abc')],
    ['fixed bytes', { type: 'fixed', name: 'f', size: 3 }, (sink) => sink.fixed(Uint8Array.of(1, 2, 3))],
    [
      'a union',
      ['null', 'string', 'long'],
      (sink) => {
        sink.long(1)
        sink.text('a')
      },
    ],
    [
      'a record',
      {
        type: 'record',
        name: 'r',
        fields: [
          { name: 'a', type: 'float' },
          { name: 'b', type: ['null', 'int'] },
        ],
      },
      (sink) => {
        sink.float(1)
        sink.long(0)
      },
    ],
    [
      'a map',
      { type: 'map', values: 'double' },
      (sink) => {
        sink.long(1)
        sink.text('key')
        sink.double(1)
        sink.long(0)
      },
    ],
  ])('%s', (_name, json, write) => {
    const schema = {
      type: 'record',
      name: 'all',
      fields: [
        { name: 'other', type: json },
        { name: 'field', type: 'long' },
      ],
    }
    const read = recordReader(
      typeOf(schema),
      [projectedField(1, ['field'], integerReader, (row: { field: number }, value: number) => (row.field = value))],
      'file x',
    )
    const row = { field: 0 }
    read(
      cursorOver((sink) => {
        write(sink)
        sink.long(42)
      }),
      row,
    )
    expect(row.field).toBe(42)
  })
})

describe('A value of the wrong kind', () => {
  test.each<[string, (type: AvroType, label: string) => Reader<unknown>]>([
    ['a whole number', integerReader],
    ['a whole number', idReader],
    ['a boolean', booleanReader],
    ['bytes', binaryReader],
    ['a list', (type, label) => arrayReader(type, label, () => () => 1)],
  ])('is refused, and the error names the field: %s', (expected, reader) => {
    expect(() => reader(typeOf(['null', 'double']), 'file x, field y,')).toThrow(
      expect.objectContaining({
        code: 'file-damaged',
        message: `The file x, field y, cannot be read: expected ${expected} but found double`,
      }),
    )
  })
})

test('Bytes may be read from a fixed type', () => {
  const type = typeOf({ type: 'fixed', name: 'f', size: 2 })
  expect(binaryReader(type, 'x')(cursorOver((sink) => sink.fixed(Uint8Array.of(1, 2))))).toEqual(Uint8Array.of(1, 2))
})
