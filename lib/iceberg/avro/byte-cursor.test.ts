import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText } from '@/testing/any-text'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { ByteCursor } from './byte-cursor'
import { ByteSink } from './byte-sink'

const cursor = (...bytes: number[]) => new ByteCursor(Uint8Array.from(bytes), 'file x')
const bytesOf = (write: (sink: ByteSink) => void) => {
  const sink = new ByteSink()
  write(sink)
  return new ByteCursor(sink.bytes(), 'file x')
}

describe('Integers', () => {
  // Avro 1.12 specification, table of variable-length zig-zag coding.
  test.each([
    [0n, [0x00]],
    [-1n, [0x01]],
    [1n, [0x02]],
    [-2n, [0x03]],
    [2n, [0x04]],
    [-64n, [0x7f]],
    [64n, [0x80, 0x01]],
    [9223372036854775807n, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    [-9223372036854775808n, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('%s is encoded as the specification says', (value, bytes) => {
    expect(cursor(...bytes).long()).toBe(value)
    expect(cursor(...bytes).id()).toBe(String(value))
    expect([...bytesOf((sink) => sink.long(value)).bytes]).toEqual(bytes)
  })

  test('of 64 bits are read back exactly, as bigint and as text', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
        const write = (sink: ByteSink) => values.forEach((value) => sink.long(value))
        const [longs, ids, skipped] = [bytesOf(write), bytesOf(write), bytesOf(write)]
        for (const value of values) {
          expect(longs.long()).toBe(value)
          expect(ids.id()).toBe(String(value))
          skipped.skipLong()
        }
        expect([longs, ids, skipped].map(({ remainingBytes }) => remainingBytes)).toEqual([0, 0, 0])
      }),
      propertyRuns(),
    )
  })

  test('are read as numbers when they fit exactly and refused otherwise', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(bytesOf((sink) => sink.long(value)).integer()).toBe(value)
      }),
      propertyRuns(),
    )
    expect(() => bytesOf((sink) => sink.long(2n ** 53n)).integer()).toThrow('beyond 2^53')
    expect(() => bytesOf((sink) => sink.long(-(2n ** 53n))).integer()).toThrow('beyond 2^53')
  })

  test('are refused as counts when negative', () => {
    expect(cursor(0x04).count()).toBe(2)
    expect(() => cursor(0x01).count()).toThrow('negative')
  })

  test('longer than ten bytes are refused, whether read or skipped', () => {
    const endless = new Array<number>(11).fill(0x80)
    expect(() => cursor(...endless).long()).toThrow('longer than ten bytes')
    expect(() => cursor(...endless).skipLong()).toThrow('longer than ten bytes')
  })
})

describe('Other values', () => {
  test('are read back as written', () => {
    fc.assert(
      fc.property(
        anyText(),
        fc.uint8Array({ maxLength: 5000 }),
        fc.double(),
        fc.float(),
        fc.boolean(),
        (text, bytes, double, float, boolean) => {
          const read = bytesOf((sink) => {
            sink.text(text)
            sink.binary(bytes)
            sink.double(double)
            sink.float(float)
            sink.boolean(boolean)
            sink.fixed(bytes)
          })
          expect(read.text()).toBe(text)
          expect(read.binary()).toEqual(bytes)
          expect(read.double()).toBe(double)
          expect(read.float()).toBe(float)
          expect(read.boolean()).toBe(boolean)
          expect(read.fixed(bytes.length)).toEqual(bytes)
        },
      ),
      propertyRuns(),
    )
  })

  test('keep the byte order mark at the start of a string', () => {
    expect(bytesOf((sink) => sink.text('\uFEFFa')).text()).toBe('\uFEFFa')
  })

  test('are copied by slice() even when the bytes are in a Buffer', () => {
    const buffer = Buffer.from([0x04, 1, 2])
    const bytes = new ByteCursor(buffer, 'file x').binary().slice()
    buffer[1] = 9
    expect([...bytes]).toEqual([1, 2])
  })
})

describe('Damaged bytes', () => {
  test.each<[string, number[], (read: ByteCursor) => unknown]>([
    ['an integer', [0x80], (read) => read.long()],
    ['a skipped integer', [0x80], (read) => read.skipLong()],
    ['nothing', [], (read) => read.integer()],
    ['a boolean', [], (read) => read.boolean()],
    ['a float', [0, 0, 0], (read) => read.float()],
    ['a double', [0, 0, 0, 0], (read) => read.double()],
    ['bytes', [0x04, 1], (read) => read.binary()],
    ['skipped bytes', [0x04, 1], (read) => read.skipBinary()],
    ['a text', [0x04, 0x61], (read) => read.text()],
  ])('that end within %s give an error with the file name', (_name, bytes, read) => {
    expect(() => read(cursor(...bytes))).toThrow(
      expect.objectContaining({
        code: 'file-damaged',
        message: 'The file x cannot be read: it ends in the middle of a value',
      }),
    )
  })

  test('are refused when they are not a valid boolean or string', () => {
    expect(() => cursor(2).boolean()).toThrow('a boolean has the value 2')
    expect(() => cursor(0x02, 0xff).text()).toThrow(AppError)
    expect(() => cursor(0x02, 0xff).text()).toThrow('a string is not UTF-8')
  })
})
