import { expect, it } from 'vitest'
import { tableDefaults } from './table-defaults'

it('An empty field of a retention shows the default of Iceberg, or what the table sets', () => {
  expect(tableDefaults({})).toEqual({
    snapshotAge: 'table default (5 days)',
    minSnapshots: 'table default (1)',
    refAge: 'table default (no limit)',
  })
  expect(
    tableDefaults({
      'history.expire.max-snapshot-age-ms': '129600000',
      'history.expire.min-snapshots-to-keep': '1000',
      'history.expire.max-ref-age-ms': '604800000',
    }),
  ).toEqual({
    snapshotAge: 'table default (1 day 12 h)',
    minSnapshots: 'table default (1,000)',
    refAge: 'table default (7 days)',
  })
})

it('An empty field has no value when the table sets one that no engine reads', () => {
  expect(tableDefaults({ 'history.expire.max-snapshot-age-ms': '5 days' }).snapshotAge).toBe('table default')
})
