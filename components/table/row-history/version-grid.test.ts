import { expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { compareRowVersions, type RowVersion } from '@/lib/scan/compare/row-versions'
import type { RowValue } from '@/lib/scan/read/row-value'
import { listedSnapshot } from '@/testing/components/sample-snapshot'
import { toVersionCell, toVersionColumns, toVersionRows } from './version-grid'

const LEG: NestedField['type'] = {
  type: 'struct',
  fields: [
    { id: 4, name: 'origin', type: 'string', required: false },
    { id: 5, name: 'delay', type: 'int', required: false },
  ],
}
const FIELDS: NestedField[] = [
  { id: 1, name: 'id', type: 'long', required: true },
  { id: 2, name: 'legs', type: { type: 'list', elementId: 3, element: LEG, elementRequired: false }, required: false },
]
const version = (delay: number): RowVersion =>
  new Map<number, RowValue | null>([
    [1, 7n],
    [2, [['SFO', delay]]],
  ])

it('shows the values of a row as the Data tab does, with the names of all fields', () => {
  const changes = compareRowVersions(FIELDS, [version(1)], [version(2)])
  const rows = toVersionRows([{ snapshot: listedSnapshot({ parentSnapshotId: '9' }), changes }])
  const { gridColumns, byKey } = toVersionColumns(FIELDS, rows)
  expect(gridColumns.slice(-2).map(({ name }) => name)).toEqual(['legs', 'id'])
  const cellOf = (key: string) => rows[0] && toVersionCell(rows[0], key, { column: byKey.get(key), timeZone: 'UTC' })
  expect(cellOf('2')).toMatchObject({
    tone: 'changed',
    text: '[{origin "SFO", delay 1}] → [{origin "SFO", delay 2}]',
  })
  expect(cellOf('1')).toEqual({ kind: 'value', text: '7' })
  expect(cellOf('snapshot')).toMatchObject({ kind: 'nested', text: '1' })
  expect(cellOf('writer')).toMatchObject({ text: 'unknown', copyText: '' })
})

it('shows a removed row on the side that had it', () => {
  const changes = compareRowVersions(FIELDS, [version(1)], [])
  const [row] = toVersionRows([{ snapshot: listedSnapshot(), changes }])
  const { byKey } = toVersionColumns(FIELDS, [])
  const cell = row && toVersionCell(row, '1', { column: byKey.get('1'), timeZone: 'UTC' })
  expect(cell).toEqual({ kind: 'value', text: '7', tone: 'removed' })
})
