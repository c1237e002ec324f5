import { describe, expect, test } from 'vitest'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { DataPage } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { joinPages, type LeafPage, leafPageBytes, toLeafPage } from './leaf-pages'
import { selectLevels } from './read/leaf-spans'
import { readLeafVector } from './read/leaf-vector'
import { isValid } from './read/vector'

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

/** The elements of one row; null for a null. */
function readElements(pages: readonly LeafPage[], row: number): (number | null)[] {
  const vector = readLeafVector(selectLevels(ELEMENT, pages, row, row + 1), 2, () => undefined)
  if (vector.kind !== 'int32') throw new Error(vector.kind)
  return Array.from(vector.data, (value, i) => (isValid(vector.validity, i) ? value : null))
}

describe('rows of a repeated column', () => {
  // [1, 2, null], null, [3, 4]: the last row spans two pages.
  const joined = joinPages(
    [
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
    ],
    ELEMENT,
  )

  test('can span pages', () => {
    const pages = [toLeafPage(joined, ELEMENT, 0, 3)]
    expect(readElements(pages, 2)).toEqual([3, 4])
    expect(readElements(pages, 0)).toEqual([1, 2, null])
    expect(readElements(pages, 1)).toEqual([])
  })

  test('can span pages of which one has no nulls and thus no levels for them', () => {
    const whole = joinPages(
      [
        page(
          [
            [0, 3],
            [1, 2],
          ],
          [1],
        ),
        { ...page([[1, 3]], [2]), definitions: null },
      ],
      ELEMENT,
    )
    expect(readElements([toLeafPage(whole, ELEMENT, 0, 1)], 0)).toEqual([1, null, 2])
  })

  test('are counted: a page with too many, too few or incomplete rows is refused', () => {
    expect(() => toLeafPage(joined, ELEMENT, 0, 2)).toThrow('has 3 rows but should have 2')
    expect(() => toLeafPage(page([[1, 3]], [4]), ELEMENT, 0, 1)).toThrow('begins in the middle of a row')
  })

  test('are found in the page that contains them', () => {
    const first = toLeafPage(page([[0, 3]], [1]), ELEMENT, 0, 1)
    const second = toLeafPage(page([[0, 3]], [2]), ELEMENT, 1, 1)
    expect([readElements([first, second], 1), readElements([first, second], 0)]).toEqual([[2], [1]])
    expect(() => readElements([first, second], 2)).toThrow(DamagedParquet)
    expect(leafPageBytes(first)).toBeGreaterThan(0)
  })
})
