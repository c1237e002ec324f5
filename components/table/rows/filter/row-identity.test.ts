import { describe, expect, it, vi } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { rowCondition } from './row-condition'
import { type ColumnValue, toRowHistoryLink } from './row-identity'

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'code', required: false, type: 'string' },
  {
    id: 3,
    name: 'legs',
    required: false,
    type: { type: 'list', elementId: 4, element: 'string', elementRequired: false },
  },
]
/** The second row has no code. Values of the third were not read. */
const ROWS = [
  new Map<number, bigint | string | string[] | null>([
    [1, 9007199254740993n],
    [2, 'A"B'],
    [3, ['SFO']],
  ]),
  new Map<number, bigint | string | null>([
    [1, 7n],
    [2, null],
  ]),
]

function conditionOf(row: number, columnKey: string, identifierFieldIds: number[]): string | null {
  const onOpen = vi.fn<(values: ColumnValue[]) => void>()
  const fieldsByKey = new Map(FIELDS.map((field) => [String(field.id), field]))
  const link = toRowHistoryLink((at, fieldId) => ROWS[at]?.get(fieldId), fieldsByKey, { identifierFieldIds, onOpen })
  if (!link.isOffered(row, columnKey)) return null
  link.open(row, columnKey)
  return rowCondition(onOpen.mock.calls[0]?.[0] ?? [], FIELDS)
}

describe('The row of a cell', () => {
  it('is named by its identifier fields, exactly', () => {
    expect(conditionOf(0, '3', [1, 2])).toBe('id = 9007199254740993 and code = "A""B"')
  })

  it('is named by the value of the cell if the table has no identifier fields, or they are not known', () => {
    expect(conditionOf(0, '2', [])).toBe('code = "A""B"')
    expect(conditionOf(1, '1', [2])).toBe('id = 7')
  })

  it.each([
    [1, '2'],
    [0, '3'],
    [2, '1'],
  ])('has no name if the value is null, nested or not read: row %s, column %s', (row, columnKey) => {
    expect(conditionOf(row, columnKey, [])).toBeNull()
  })
})
