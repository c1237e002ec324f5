import { expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { UnreadableCell } from '@/lib/scan/read/unreadable-cell'
import { KnownRows } from './known-rows'

const CELL: UnreadableCell = { code: 'not-supported', message: 'a.parquet: column c is encrypted', file: 'a.parquet' }
const VISIBLE = { firstRow: 0, lastRow: 3, fieldIds: [1, 2] }

test('A cell that cannot be read is a failure next to values, and is read again only when asked for', () => {
  const known = new KnownRows()
  const columns = new Map([
    [1, [7n, 8n, 9n]],
    [2, ['x', CELL, 'z']],
  ])
  known.addRows([{ firstRow: 0, lastRow: 3, positions: Float64Array.of(0, 1, 2), columns }])
  expect([0, 1, 2].map((row) => known.valueAt(row, 1))).toEqual([7n, 8n, 9n])
  expect(known.valueAt(0, 2)).toBe('x')
  const failure = known.valueAt(1, 2)
  expect(failure).toBeInstanceOf(AppError)
  expect(failure).toMatchObject({ code: 'not-supported', message: CELL.message, facts: { file: 'a.parquet' } })

  expect(known.problemOf(VISIBLE)).toMatchObject({
    message: CELL.message,
    facts: { hint: expect.stringMatching(/^The other columns of these rows are shown\./) },
  })
  expect(known.problemOf({ ...VISIBLE, fieldIds: [1] })).toBeNull()
  expect(known.hasFailed(VISIBLE)).toBe(false)
  expect(known.findMissing(VISIBLE, 3)).toBeNull()

  known.clearFailures()
  expect(known.findMissing(VISIBLE, 3)).toEqual({ ...VISIBLE, fieldIds: [2] })
  expect(known.valueAt(0, 1)).toBe(7n)
})
