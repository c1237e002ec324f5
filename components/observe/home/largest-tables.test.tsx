// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { LargestTables } from './largest-tables'

afterEach(cleanup)

const tablesIn = (...catalogs: string[]) =>
  catalogs.map((catalog) => ({
    table: { catalog, namespace: ['demo'], table: 'flights' },
    rowCount: 3,
    liveBytes: 10,
    dataFileCount: 1,
    plainBytes: null,
    storedBytes: 0,
    isEstimated: false,
  }))

it('names the catalog of each table when there are several, and of no table otherwise', () => {
  const { unmount } = render(<LargestTables tables={tablesIn('local', 'remote')} tableCount={2} liveBytes={20} />)
  const rows = screen.getAllByRole('row').slice(1)
  expect(rows.map((row) => within(row).getAllByRole('cell')[1]?.textContent)).toEqual(['local', 'remote'])
  unmount()
  render(<LargestTables tables={tablesIn('remote')} tableCount={1} liveBytes={10} />)
  expect(screen.queryByRole('columnheader', { name: 'Catalog' })).toBeNull()
})

it('says why a table has no ratio: it has no data files, or their sizes are not known yet', () => {
  const [table] = tablesIn('local')
  if (table === undefined) throw new Error('no table')
  const tables = [
    { ...table, table: { ...table.table, table: 'unmeasured' } },
    // An emptied table: with sizes of nothing.
    { ...table, table: { ...table.table, table: 'emptied' }, plainBytes: 0, liveBytes: 0, dataFileCount: 0 },
  ]
  render(<LargestTables tables={tables} tableCount={2} liveBytes={10} />)
  expect(screen.getByRole('row', { name: /unmeasured/ }).textContent).toContain(
    'unknown: the sizes of its files are not known yet',
  )
  expect(screen.getByRole('row', { name: /emptied/ }).textContent).toContain('unknown: there are no data files')
})
