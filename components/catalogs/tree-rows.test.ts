import { expect, it } from 'vitest'
import { paths } from '@/lib/paths'
import { searchResultRows, type NodeContents, type TreeRow, treeRows } from './tree-rows'

const lake = paths.catalog('lake')
const sales = paths.namespace('lake', ['sales'])
const eu = paths.namespace('lake', ['sales', 'eu'])
const contentsByHref = new Map<string, NodeContents>([
  [
    lake,
    {
      state: 'read',
      namespaces: [
        { namespace: ['demo'], namespaceCount: 0, tableCount: 2, viewCount: 1 },
        { namespace: ['sales'], namespaceCount: 1, tableCount: 1203, viewCount: 0 },
      ],
      tables: [],
      views: [],
      moreCount: 0,
    },
  ],
  [
    sales,
    {
      state: 'read',
      namespaces: [{ namespace: ['sales', 'eu'], namespaceCount: 0, tableCount: 0, viewCount: 0 }],
      tables: ['orders'],
      views: ['newest_orders'],
      moreCount: 2,
    },
  ],
])
const indentedLabels = (rows: TreeRow[]) => rows.map(({ level, label }) => `${'  '.repeat(level - 1)}${label}`)

it('lists the contents of an open node below it, namespaces before tables before views, and the number of others', () => {
  const rows = treeRows({ catalogs: ['lake', 'other'], contentsByHref, expanded: new Set([lake, sales]) })
  expect(indentedLabels(rows)).toEqual([
    'lake',
    '  demo',
    '  sales',
    '    eu',
    '    orders',
    '    newest_orders',
    '    2 more',
    'other',
  ])
  expect(rows.map(({ isExpanded }) => isExpanded)).toEqual([true, false, true, false, null, null, null, false])
  expect(rows[4]).toMatchObject({
    position: 2,
    siblingCount: 4,
    href: paths.table({ catalog: 'lake', namespace: ['sales'], table: 'orders' }),
  })
  expect(rows[5]).toMatchObject({
    kind: 'view',
    target: { catalog: 'lake', namespace: ['sales'], view: 'newest_orders' },
    href: paths.view({ catalog: 'lake', namespace: ['sales'], view: 'newest_orders' }),
  })
  expect(rows[1]).toMatchObject({ count: 3 })
})

it('distinguishes nodes that are loading, empty and failed', () => {
  const expandedHrefs = new Set([lake, sales, eu])
  const rowsWithEu = (contents: NodeContents) =>
    treeRows({
      catalogs: ['lake'],
      contentsByHref: new Map([...contentsByHref, [eu, contents]]),
      expanded: expandedHrefs,
    })
  const findNote = (rows: TreeRow[]) => rows.find(({ id }) => id === `${eu}#note`)
  expect(findNote(treeRows({ catalogs: ['lake'], contentsByHref, expanded: expandedHrefs }))?.label).toBe('Reading…')
  expect(findNote(rowsWithEu({ state: 'read', namespaces: [], tables: [], views: [], moreCount: 0 }))?.label).toBe(
    'empty',
  )
  expect(findNote(rowsWithEu({ state: 'failed', message: 'The catalog did not answer' }))).toMatchObject({
    label: 'The catalog did not answer',
    isProblem: true,
  })
})

it('shows matches of the filter under their namespaces', () => {
  const rows = searchResultRows([
    { catalog: 'lake', namespace: ['sales', 'eu'], entry: { kind: 'table', name: 'orders' } },
    { catalog: 'lake', namespace: ['demo'], entry: { kind: 'view', name: 'order_lines' } },
    { catalog: 'lake', namespace: ['orders_archive'], entry: null },
  ])
  expect(indentedLabels(rows)).toEqual([
    'lake',
    '  demo',
    '    order_lines',
    '  orders_archive',
    '  sales',
    '    eu',
    '      orders',
  ])
})
