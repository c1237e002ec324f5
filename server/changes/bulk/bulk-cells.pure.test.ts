import { expect, it } from 'vitest'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { MAX_BULK_CELLS, MAX_BULK_NAMESPACES } from '@/lib/contract/shapes/bulk-limits'
import { toBulkNamespaces } from './bulk-cells'

const table = (namespace: string, state: BulkTableState) => ({ namespace: [namespace], table: 't', state })

it('The bar of a change has a cell for each table, by namespace', () => {
  const tables = [table('a', 'changed'), table('b', 'waiting'), table('a', 'failed')]
  expect(toBulkNamespaces(tables)).toEqual([
    { namespace: ['a'], namespaceCount: 1, tableCount: 2, cells: ['changed', 'failed'] },
    { namespace: ['b'], namespaceCount: 1, tableCount: 1, cells: ['waiting'] },
  ])
})

it('A cell of several tables is failed if one of them is, and no table is missing in the counts', () => {
  const tables = Array.from({ length: 10 * MAX_BULK_CELLS }, (_, i) => table('a', i === 15 ? 'failed' : 'changed'))
  const [group] = toBulkNamespaces(tables)
  expect(group).toMatchObject({ tableCount: tables.length })
  expect(group?.cells).toHaveLength(MAX_BULK_CELLS)
  expect(group?.cells.slice(0, 3)).toEqual(['changed', 'failed', 'changed'])
})

it('Namespaces without room are one group that says how many they are', () => {
  const tables = Array.from({ length: MAX_BULK_NAMESPACES + 5 }, (_, i) => table(`n${i}`, 'changed'))
  const groups = toBulkNamespaces(tables)
  expect(groups).toHaveLength(MAX_BULK_NAMESPACES)
  expect(groups.at(-1)).toMatchObject({ namespace: null, namespaceCount: 6, tableCount: 6 })
})
