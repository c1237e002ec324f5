import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column, CopyRow } from './copy-endpoint'
import { RowDigest } from './row-digest'

const columns = (...names: string[]) => names.map((name) => ({ name })) as unknown as readonly Column[]

function digest(names: readonly string[], rows: readonly CopyRow[]) {
  const rowDigest = new RowDigest(columns(...names))
  for (const row of rows) rowDigest.add(row)
  return rowDigest.end()
}

describe('The digest of rows', () => {
  it('is SHA-256 over the text form, and counts the rows', () => {
    const text = 't1:a;t1:b;i-12;t3:é!;n;b00ff;'
    expect(
      digest(
        ['a', 'b'],
        [
          [-12n, 'é!'],
          [null, Uint8Array.of(0, 255)],
        ],
      ),
    ).toEqual({
      rowCount: 2,
      sha256: createHash('sha256').update(text).digest('hex'),
    })
  })

  it('differs for values that look alike', () => {
    const alike: CopyRow[][] = [
      [['1', null]],
      [[1n, null]],
      [['', '1']],
      [['1', '']],
      [[null, '1']],
      [['n;', '']],
      [[Uint8Array.of(0x31), null]],
      [
        ['1', null],
        ['', ''],
      ],
    ]
    expect(new Set(alike.map((rows) => digest(['a', 'b'], rows).sha256)).size).toBe(alike.length)
  })

  it('differs when a border between two texts moves, for any texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (left, right) => {
        const [first = ''] = Array.from(right)
        const moved: CopyRow = [left + first, right.slice(first.length)]
        expect(digest(['a', 'b'], [moved]).sha256).not.toBe(digest(['a', 'b'], [[left, right]]).sha256)
      }),
    )
  })

  it('depends on the order of rows and on the names of columns', () => {
    const rows: CopyRow[] = [[1n], [2n]]
    expect(digest(['a'], rows.toReversed()).sha256).not.toBe(digest(['a'], rows).sha256)
    expect(digest(['b'], rows).sha256).not.toBe(digest(['a'], rows).sha256)
    expect(digest(['a'], []).sha256).not.toBe(digest(['b'], []).sha256)
  })
})
