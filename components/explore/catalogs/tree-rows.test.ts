import { expect, it } from 'vitest'
import { paths } from '@/lib/paths/paths'
import { foundRows } from './found-rows'
import { type NodeContents, type TreeRow, treeRows } from './tree-rows'

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
      badges: [],
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
      badges: [],
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

it('marks namespaces, tables and views, each kind by its own names', () => {
  const contents: NodeContents = {
    state: 'read',
    namespaces: [{ namespace: ['a', 'same'], namespaceCount: 0, tableCount: 0, viewCount: 0 }],
    tables: ['plain', 'same'],
    views: ['seen'],
    badges: [
      { kind: 'table', name: 'same', badge: 'certified', badgeReason: null },
      { kind: 'view', name: 'seen', badge: 'deprecated', badgeReason: 'use same' },
      // Another kind of that name.
      { kind: 'view', name: 'plain', badge: 'deprecated', badgeReason: null },
    ],
    moreCount: 0,
  }
  const a = paths.namespace('lake', ['a'])
  const open = new Map([...contentsByHref, [a, contents] as const])
  const root: NodeContents = {
    state: 'read',
    namespaces: [{ namespace: ['a'], namespaceCount: 1, tableCount: 2, viewCount: 1 }],
    tables: [],
    views: [],
    badges: [{ kind: 'namespace', name: 'a', badge: 'certified', badgeReason: 'by finance' }],
    moreCount: 0,
  }
  open.set(lake, root)
  const rows = treeRows({ catalogs: ['lake'], contentsByHref: open, expanded: new Set([lake, a]) })
  expect(rows.map(({ kind, label, badge }) => [kind, label, badge?.badge, badge?.badgeReason])).toEqual([
    ['catalog', 'lake', undefined, undefined],
    ['namespace', 'a', 'certified', 'by finance'],
    ['namespace', 'same', undefined, undefined],
    ['table', 'plain', undefined, undefined],
    ['table', 'same', 'certified', null],
    ['view', 'seen', 'deprecated', 'use same'],
  ])
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
  expect(
    findNote(rowsWithEu({ state: 'read', namespaces: [], tables: [], views: [], badges: [], moreCount: 0 }))?.label,
  ).toBe('empty')
  expect(findNote(rowsWithEu({ state: 'failed', message: 'The catalog did not answer' }))).toMatchObject({
    label: 'The catalog did not answer',
    isProblem: true,
  })
})

it('shows matches of the filter under their namespaces', () => {
  const table = { catalog: 'lake', namespace: ['sales', 'eu'], table: 'orders' }
  const rows = foundRows(
    [
      { catalog: 'lake', namespace: ['sales', 'eu'], entry: { kind: 'table', name: 'orders' } },
      { catalog: 'lake', namespace: ['demo'], entry: { kind: 'view', name: 'order_lines' } },
      { catalog: 'lake', namespace: ['orders_archive'], entry: null },
    ],
    [{ table, badge: 'deprecated', badgeReason: 'use invoices' }],
  )
  expect(rows.flatMap(({ label, badge }) => (badge ? [[label, badge]] : []))).toEqual([
    ['orders', { badge: 'deprecated', badgeReason: 'use invoices' }],
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
