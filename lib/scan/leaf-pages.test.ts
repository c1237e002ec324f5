import { describe, expect, test } from 'vitest'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { DataPage } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { joinPages, LeafCursor, leafPageBytes, toLeafPage } from './leaf-pages'

/** `optional list of optional int`: definition 0 null, 1 empty, 2 null element, 3 element. */
const ELEMENT: SchemaNode = {
  name: 'element',
  path: ['l', 'list', 'element'],
  fieldId: 2,
  repetition: 'optional',
  maxDefinition: 3,
  maxRepetition: 1,
  annotation: null,
  children: [],
  leaf: { index: 0, physicalType: 'INT32', lengthBytes: 0 },
}

function page(levels: readonly (readonly [repetition: number, definition: number])[], values: number[]): DataPage {
  return {
    valueCount: levels.length,
    repetitions: Uint8Array.from(levels, ([repetition]) => repetition),
    definitions: Uint8Array.from(levels, ([, definition]) => definition),
    values: { kind: 'numbers', data: Int32Array.from(values) },
  }
}

const readRowValues = (cursor: LeafCursor, row: number) => {
  cursor.seek(row)
  const values: unknown[] = []
  while (cursor.hasMore()) values.push(cursor.next())
  return values
}

describe('rows of a repeated column', () => {
  // [1, 2, null], null, [3, 4]: the last row spans two pages.
  const joined = joinPages([
    page(
      [
        [0, 3],
        [1, 3],
        [1, 2],
        [0, 0],
        [0, 3],
      ],
      [1, 2, 3],
    ),
    page([[1, 3]], [4]),
  ])

  test('can span pages', () => {
    const cursor = new LeafCursor(ELEMENT, [toLeafPage(joined, ELEMENT, 0, 3)])
    expect(readRowValues(cursor, 2)).toEqual([3, 4])
    expect(readRowValues(cursor, 0)).toEqual([1, 2, null])
    expect(readRowValues(cursor, 1)).toEqual([null])
  })

  test('are counted: a page with too many, too few or incomplete rows is refused', () => {
    expect(() => toLeafPage(joined, ELEMENT, 0, 2)).toThrow('has 3 rows but should have 2')
    expect(() => toLeafPage(page([[1, 3]], [4]), ELEMENT, 0, 1)).toThrow('begins in the middle of a row')
  })

  test('are found in the page that contains them', () => {
    const first = toLeafPage(page([[0, 3]], [1]), ELEMENT, 0, 1)
    const second = toLeafPage(page([[0, 3]], [2]), ELEMENT, 1, 1)
    const cursor = new LeafCursor(ELEMENT, [first, second])
    expect([readRowValues(cursor, 1), readRowValues(cursor, 0)]).toEqual([[2], [1]])
    expect(() => cursor.seek(2)).toThrow(DamagedParquet)
    expect(leafPageBytes(first)).toBeGreaterThan(0)
  })

  test('end at the end of the row, and nothing is read beyond it', () => {
    const cursor = new LeafCursor(ELEMENT, [
      toLeafPage(
        page(
          [
            [0, 3],
            [0, 3],
          ],
          [1, 2],
        ),
        ELEMENT,
        0,
        2,
      ),
    ])
    cursor.seek(0)
    cursor.skip()
    expect(cursor.repetition()).toBe(-1)
    expect(() => cursor.skip()).toThrow(DamagedParquet)
    expect(() => cursor.next()).toThrow('ends before its sibling columns')
  })
})
