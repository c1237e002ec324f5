import { expect, it } from 'vitest'
import { selectFromTable, selectRows } from './select-from-table'

const flights = { catalog: 'local', namespace: ['demo'], table: 'flights' }

it('selects the shown version of the table', () => {
  expect(selectFromTable(flights, { isCurrent: true, snapshotId: '1', ref: null })).toBe(
    'select *\nfrom local.demo.flights\nlimit 100',
  )
  expect(selectFromTable(flights, { isCurrent: false, snapshotId: '3051729675574597004', ref: null })).toContain(
    'for version as of 3051729675574597004',
  )
  expect(selectFromTable(flights, { isCurrent: false, snapshotId: '1', ref: { name: "it's" } })).toContain(
    "for version as of 'it''s'",
  )
})

it('quotes names that need quotes', () => {
  const shown = { isCurrent: true, snapshotId: null, ref: null }
  expect(selectFromTable({ catalog: 'lake', namespace: ['a b', 'order'], table: 'x"y' }, shown)).toContain(
    '"a b"."order"."x""y"',
  )
})

it('selects the shown columns of the shown version, with the connection of the table', () => {
  const identifier = { ...flights, catalog: 'my-lake' }
  const shown = { isCurrent: false, snapshotId: '3051729675574597004', ref: null }
  expect(selectRows(identifier, shown, { columns: ['id', 'Origin', 'order', 'say "x"'] })).toBe(
    'select id, "Origin", "order", "say ""x"""\nfrom "my-lake".demo.flights for version as of 3051729675574597004',
  )
  expect(selectRows(identifier, { ...shown, isCurrent: true }, { columns: null, where: 'id = 1' })).toBe(
    'select *\nfrom "my-lake".demo.flights\nwhere id = 1',
  )
})
