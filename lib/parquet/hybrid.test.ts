import { describe, expect, test } from 'vitest'
import { DamagedParquet } from './errors'
import { bitsNeeded, isOneRun, readHybrid } from './hybrid'

const read = (bytes: readonly number[], bitWidth: number, count: number) => {
  const output = new Uint32Array(count)
  readHybrid(Uint8Array.from(bytes), 0, bytes.length, bitWidth, output)
  return [...output]
}

describe('the RLE/bit-packing hybrid', () => {
  test("reads the specification's example: 0 to 7 in three bits", () => {
    expect(read([0b11, 0b10001000, 0b11000110, 0b11111010], 3, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('reads a run, a truncated packed group, and values of zero bits', () => {
    expect(read([10, 7], 3, 5)).toEqual([7, 7, 7, 7, 7])
    expect(read([0b11, 0b10001000, 0b11000110], 3, 3)).toEqual([0, 1, 2])
    expect(read([9], 0, 4)).toEqual([0, 0, 0, 0])
  })

  test.each([25, 26, 31, 32])('reads packed values of %i bits', (bitWidth) => {
    const values = [0, 1, 2 ** bitWidth - 1, 5, 2 ** (bitWidth - 1), 0, 77, 2 ** 24 + 3]
    const bytes = new Uint8Array(1 + bitWidth)
    bytes[0] = 3
    values.forEach((value, i) => {
      for (let bit = 0; bit < bitWidth; bit++) {
        const at = i * bitWidth + bit
        if (Math.floor(value / 2 ** bit) % 2 === 1) bytes[1 + (at >> 3)] = (bytes[1 + (at >> 3)] ?? 0) | (1 << (at & 7))
      }
    })
    expect(read([...bytes], bitWidth, 8)).toEqual(values)
  })

  test.each([1, 3, 7, 8, 12, 17, 24, 29, 32])('reads runs between packed values of %i bits', (bitWidth) => {
    const value = 2 ** bitWidth - 1
    const runBytes = Array.from({ length: Math.ceil(bitWidth / 8) }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256)
    const ones = new Array<number>(bitWidth).fill(0xff)
    const zeros = new Array<number>(bitWidth).fill(0)
    const bytes = [3, ...ones, 4, ...runBytes, 5, ...zeros, ...ones, 2, ...runBytes, 3, ...ones]
    const repeat = (count: number, of: number) => new Array<number>(count).fill(of)
    expect(read(bytes, bitWidth, 33)).toEqual([...repeat(10, value), ...repeat(8, 0), ...repeat(15, value)])
  })

  test('a run may claim any length and is cut to the number of values in the page', () => {
    expect(read([0xfe, 0xff, 0xff, 0xff, 0x0f, 1], 1, 3)).toEqual([1, 1, 1])
  })

  test.each([
    ['no bytes', [], 1],
    ['only a header', [10], 3],
    ['too few packed bytes', [0b11, 0], 8],
    ['an endless header', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 1],
  ])('refuses %s', (_, bytes, bitWidth) => {
    expect(() => read(bytes, bitWidth, 8)).toThrow(DamagedParquet)
  })

  test('refuses values wider than 32 bits', () => {
    expect(() => read([2, 0, 0, 0, 0, 0], 33, 1)).toThrow('33 bits')
  })
})

test('a level uses as many bits as the highest level needs', () => {
  expect([0, 1, 2, 3, 4, 255].map(bitsNeeded)).toEqual([0, 1, 2, 2, 3, 8])
})

describe('isOneRun', () => {
  const isRunOfTen = (...bytes: number[]) => isOneRun(Uint8Array.from(bytes), 0, bytes.length, 1, 1, 10)

  test('Bytes that begin with a run of the value for all rows are one', () => {
    expect(isRunOfTen(20, 1)).toBe(true)
    expect(isRunOfTen(22, 1, 5)).toBe(true)
    expect(isRunOfTen(0x80, 0x80, 0x01, 1)).toBe(true)
  })

  test.each([
    ['of another value', [20, 0]],
    ['that is too short', [18, 1]],
    ['of packed values', [5, 1, 1]],
    ['without its value', [20]],
    ['whose header is longer than four bytes, which may be of any value', [0x80, 0x80, 0x80, 0x80, 0x01, 0]],
  ])('A run %s is not', (_, bytes) => {
    expect(isRunOfTen(...bytes)).toBe(false)
  })
})
