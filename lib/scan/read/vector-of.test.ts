import { describe, expect, test } from 'vitest'
import { toArrowBatch } from './to-arrow'
import { vectorOf } from './vector-of'

describe('A vector of values', () => {
  test('has text as UTF-8, one value after the other', () => {
    const texts = ['', 'Oslo', null, 'Zürich', '東京', '🦉', 'x'.repeat(10_000)]
    const vector = vectorOf('string', texts)
    if (vector.kind !== 'bytes') throw new Error(`it is ${vector.kind}`)
    const { offsets, bytes } = vector
    const read = texts.map((_, i) => new TextDecoder().decode(bytes.subarray(offsets[i], offsets[i + 1])))
    expect(read).toEqual(texts.map((text) => text ?? ''))
    expect(bytes.length).toBe(offsets.at(-1))
  })

  test('has a replacement for half a character, as every encoder of UTF-8', () => {
    const vector = vectorOf('string', ['a\ud800b', 'c'])
    expect(vector).toMatchObject({ offsets: Int32Array.of(0, 5, 6), bytes: new TextEncoder().encode('a\ufffdbc') })
  })

  test('has bytes as they are', () => {
    const vector = vectorOf('binary', [Uint8Array.of(1, 2), null, new Uint8Array(0), Uint8Array.of(3)])
    expect(vector).toMatchObject({ offsets: Int32Array.of(0, 2, 2, 2, 3), bytes: Uint8Array.of(1, 2, 3) })
  })

  test('is read back by Arrow, nulls and nested values too', () => {
    const counts = { type: 'map', keyId: 3, key: 'int', valueId: 4, value: 'long', valueRequired: true } as const
    const fields = [
      { id: 1, name: 'city', type: 'string', required: false },
      { id: 2, name: 'counts', type: counts, required: false },
      { id: 5, name: 'size', type: 'decimal(38, 2)', required: false },
      { id: 6, name: 'day', type: 'date', required: false },
      { id: 7, name: 'ok', type: 'boolean', required: false },
    ] as const
    const rows = [
      ['Zürich', [[1, 9_007_199_254_740_993n]], 10n ** 36n, 11_000, true],
      [null, null, null, null, null],
      ['', [], -5n, -1, false],
    ]
    const columns = fields.map(({ type }, i) =>
      vectorOf(
        type,
        rows.map((row) => row[i] ?? null),
      ),
    )
    const batch = toArrowBatch(fields, columns, rows.length)
    const read = (name: string) => Array.from({ length: rows.length }, (_, i): unknown => batch.getChild(name)?.get(i))
    expect(read('city')).toEqual(['Zürich', null, ''])
    expect(read('ok')).toEqual([true, null, false])
    const maps = read('counts') as (Iterable<[number, bigint]> | null)[]
    expect(maps.map((map) => map && [...map])).toEqual([[[1, 9_007_199_254_740_993n]], null, []])
    expect(batch.getChild('size')?.isValid(1)).toBe(false)
  })
})
