import { describe, expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { rowsAddressChecks } from './rows-address-checks'

const FIELDS: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'long' },
  { id: 7, name: 'origin', required: false, type: 'string' },
]
const checks = rowsAddressChecks({ rowCount: 3, fields: FIELDS })

describe('The Data tab follows', () => {
  test.each([
    ['row', '3'],
    ['open', '1'],
    ['deleted', 'true'],
    ['deleted', 'false'],
    ['nulls', 'first'],
    ['hide', '1,7'],
    ['pin', '7'],
    ['order', '7,1'],
    ['width', '1:120,7:240'],
  ])('?%s=%s', (name, value) => {
    expect(checks[name]?.(value)).toBeNull()
  })
})

test('Deleted rows are not shown next to a filter', () => {
  const filtered = rowsAddressChecks({ rowCount: 3, fields: FIELDS, isFiltered: true })
  expect(filtered['deleted']?.('true')).toBe('Deleted rows are shown only without a filter.')
  expect(filtered['deleted']?.('false')).toBeNull()
})

describe('The Data tab says that it does not follow', () => {
  test.each([
    ['row', '0', '“0” in ?row= is not the number of a row. The rows start with the first one.'],
    ['row', '2x', '“2x” in ?row= is not the number of a row. The rows start with the first one.'],
    ['row', '4', 'There is no row “4” in ?row=: there are 3 rows. The rows start with the first one.'],
    [
      'open',
      '99999999999999999999',
      'There is no row “99999999999999999999” in ?open=: there are 3 rows. No row is open.',
    ],
    ['deleted', 'maybe', '“maybe” in ?deleted= is neither true nor false. Deleted rows are not shown.'],
    ['nulls', 'x', '“x” in ?nulls= is neither first nor last. Nulls are sorted last.'],
    ['hide', '1,99,abc', 'The shown schema has no column with the id “99, abc” in ?hide=.'],
    ['pin', '', 'The shown schema has no column with the id “” in ?pin=.'],
    ['order', '8', 'The shown schema has no column with the id “8” in ?order=.'],
    ['width', '1:9999,9:240,7:240', '“1:9999, 9:240” in ?width= is not the width of a shown column.'],
    [
      'deleted',
      'y'.repeat(1000),
      `“${'y'.repeat(60)}…” in ?deleted= is neither true nor false. Deleted rows are not shown.`,
    ],
  ])('?%s=%s', (name, value, problem) => {
    expect(checks[name]?.(value)).toBe(problem)
  })
})
