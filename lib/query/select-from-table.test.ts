import { expect, it } from 'vitest'
import { selectFromTable } from './select-from-table'

const flights = { namespace: ['demo'], table: 'flights' }

it('selects the shown version of the table', () => {
  expect(selectFromTable(flights, { isNow: true, snapshotId: '1', ref: null })).toBe(
    'select *\nfrom demo.flights\nlimit 100',
  )
  expect(selectFromTable(flights, { isNow: false, snapshotId: '3051729675574597004', ref: null })).toContain(
    'for version as of 3051729675574597004',
  )
  expect(selectFromTable(flights, { isNow: false, snapshotId: '1', ref: { name: "it's" } })).toContain(
    "for version as of 'it''s'",
  )
})

it('quotes names that need quotes', () => {
  const shown = { isNow: true, snapshotId: null, ref: null }
  expect(selectFromTable({ namespace: ['a b', 'order'], table: 'x"y' }, shown)).toContain('"a b"."order"."x""y"')
})
