import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { Values } from '../values'
import { findExtremes } from './find-extremes'

function byteArrays(texts: readonly string[]): Values {
  const parts = texts.map((text) => Buffer.from(text, 'latin1'))
  const ends = Uint32Array.from(parts, (_, i) => parts.slice(0, i + 1).reduce((sum, { length }) => sum + length + 4, 0))
  const starts = Uint32Array.from(parts, ({ length }, i) => (ends[i] ?? 0) - length)
  const bytes = Buffer.concat(parts.flatMap((part) => [Buffer.alloc(4), part]))
  return { kind: 'byteArrays', bytes: new Uint8Array(bytes), starts, ends }
}

/** Few letters and long common beginnings. */
const TEXT = fc
  .tuple(
    fc.constantFrom('', 'user-', 'user-1', '\xff\xff'),
    fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff') }),
  )
  .map(([start, end]) => start + end)

it('The extremes of byte arrays are the first and last in the order of their unsigned bytes', () => {
  fc.assert(
    fc.property(fc.array(TEXT, { minLength: 1, maxLength: 40 }), fc.nat(39), (texts, from) => {
      const start = Math.min(from, texts.length - 1)
      const found = findExtremes(byteArrays(texts), { start, end: texts.length }, { kind: 'bytes', isText: false })
      const sorted = texts.slice(start).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect([found?.min, found?.max].map((bytes) => Buffer.from(bytes ?? []).toString('latin1'))).toEqual([
        sorted[0],
        sorted.at(-1),
      ])
    }),
    propertyRuns(2000),
  )
})

it('The extremes of booleans and 64-bit integers are the lowest and highest of the range', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -3n, max: 2n }), { minLength: 1, maxLength: 20 }),
      fc.nat(19),
      (numbers, from) => {
        const start = Math.min(from, numbers.length - 1)
        const range = { start, end: numbers.length }
        const spread = numbers.map((number) => number * 2n ** 61n)
        const own = spread.slice(start).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        const longs = findExtremes({ kind: 'longs', data: BigInt64Array.from(spread) }, range, {
          kind: 'int64',
          isSigned: true,
        })
        const readLong = (bytes?: Uint8Array) => bytes && new BigInt64Array(bytes.slice().buffer)[0]
        expect([readLong(longs?.min), readLong(longs?.max)]).toEqual([own[0], own.at(-1)])
        const flags = Uint8Array.from(numbers, (number) => Number(number > 0n))
        const found = findExtremes({ kind: 'booleans', data: flags }, range, { kind: 'booleans' })
        const ownFlags = flags.slice(start).toSorted((a, b) => a - b)
        expect([found?.min[0], found?.max[0]]).toEqual([ownFlags[0], ownFlags.at(-1)])
      },
    ),
    propertyRuns(500),
  )
})
