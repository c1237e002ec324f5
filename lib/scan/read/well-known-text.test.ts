import { describe, expect, test } from 'vitest'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import { createRandom } from '@/testing/seeded-random'
import { wellKnownText } from './well-known-text'

const MAX_CHARS = 10_000

describe('well-known binary as text', () => {
  const point = geometry(1, position(30, 10))
  const line = geometry(2, count(2), position(30, 10), position(-0.1, 1e21))
  const ring = [count(4), position(0, 0), position(1, 0), position(1, 1), position(0, 0)].flat()

  test.each([
    ['POINT (30 10)', point],
    ['POINT (30 10)', [0, 0, 0, 0, 1, 0x40, 0x3e, 0, 0, 0, 0, 0, 0, 0x40, 0x24, 0, 0, 0, 0, 0, 0]],
    ['POINT Z (30 10 40)', geometry(1001, position(30, 10, 40))],
    ['POINT M (30 10 40)', geometry(2001, position(30, 10, 40))],
    ['POINT ZM (30 10 40 300)', geometry(3001, position(30, 10, 40, 300))],
    ['POINT EMPTY', geometry(1, position(Number.NaN, Number.NaN))],
    ['POINT Z EMPTY', geometry(1001, position(Number.NaN, Number.NaN, Number.NaN))],
    ['POINT (1 NaN)', geometry(1, position(1, Number.NaN))],
    ['POINT (-0 Infinity)', geometry(1, position(-0, Number.POSITIVE_INFINITY))],
    ['LINESTRING (30 10, -0.1 1e+21)', line],
    ['LINESTRING EMPTY', geometry(2, count(0))],
    ['POLYGON ((0 0, 1 0, 1 1, 0 0), (0 0, 1 0, 1 1, 0 0))', geometry(3, count(2), ring, ring)],
    ['POLYGON (EMPTY)', geometry(3, count(1), count(0))],
    ['MULTIPOINT ((30 10), EMPTY)', geometry(4, count(2), point, geometry(1, position(Number.NaN, Number.NaN)))],
    ['MULTILINESTRING ((30 10, -0.1 1e+21))', geometry(5, count(1), line)],
    ['MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))', geometry(6, count(1), geometry(3, count(1), ring))],
    [
      'GEOMETRYCOLLECTION (POINT (30 10), MULTIPOINT ((30 10)))',
      geometry(7, count(2), point, geometry(4, count(1), point)),
    ],
    ['GEOMETRYCOLLECTION Z EMPTY', geometry(1007, count(0))],
  ])('%s', (text, bytes) => {
    expect(wellKnownText(Uint8Array.from(bytes), MAX_CHARS)).toBe(text)
  })

  test.each([
    ['no bytes', []],
    ['an unknown byte order', [2, ...point.slice(1)]],
    ['an unknown type', geometry(8, position(1, 2))],
    ["PostGIS's own variant", geometry(0x20000001, position(1, 2))],
    ['a point that ends early', point.slice(0, -1)],
    ['bytes behind the end', [...point, 0]],
    ['more positions than there are bytes', geometry(2, count(0xffffffff), position(1, 2))],
    ['a line among points', geometry(4, count(1), line)],
    ['a point with Z among others', geometry(4, count(1), geometry(1001, position(1, 2, 3)))],
  ])('%s is damaged', (_, bytes) => {
    expect(() => wellKnownText(Uint8Array.from(bytes), MAX_CHARS)).toThrow(DamagedParquet)
  })

  test('collections nested beyond a limit and long texts are too large', () => {
    let nested = point
    for (let i = 0; i < 40; i++) nested = geometry(7, count(1), nested)
    expect(() => wellKnownText(Uint8Array.from(nested), MAX_CHARS)).toThrow(OversizedParquet)
    const long = geometry(2, count(100), new Array<number[]>(100).fill(position(1 / 3, 2 / 3)).flat())
    expect(() => wellKnownText(Uint8Array.from(long), 1000)).toThrow(OversizedParquet)
  })

  test('any bytes are text or a clear error', () => {
    const random = createRandom(20260215)
    const seed = geometry(7, count(2), point, geometry(3, count(1), ring))
    let readCount = 0
    for (let round = 0; round < 10_000; round++) {
      const bytes = Uint8Array.from(seed)
      for (let i = 0; i < 1 + (round % 3); i++) bytes[random(bytes.length)] = random(256)
      try {
        if (/^[A-Z]/.test(wellKnownText(bytes, MAX_CHARS))) readCount += 1
      } catch (error) {
        if (!(error instanceof DamagedParquet || error instanceof OversizedParquet)) throw error
      }
    }
    expect(readCount).toBeGreaterThan(1000)
  })
})

/** Little-endian. */
function geometry(code: number, ...parts: readonly number[][]): number[] {
  return [1, ...count(code), ...parts.flat()]
}

function count(value: number): number[] {
  return [...new Uint8Array(Uint32Array.of(value).buffer)]
}

function position(...values: number[]): number[] {
  return [...new Uint8Array(Float64Array.from(values).buffer)]
}
