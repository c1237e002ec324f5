// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { ColumnCompression } from '@/lib/contract/dashboards'
import { render } from '@/testing/components/render'
import { LargestColumns } from './largest-columns'

afterEach(cleanup)

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }

function column(name: string, storedBytes: number): ColumnCompression {
  return { table: FLIGHTS, column: name, type: 'int', codec: 'zstd', storedBytes, plainBytes: null }
}

test('The largest columns have their share of all bytes, and the way to the studio of their table', () => {
  const columns = Array.from({ length: 9 }, (_, i) => column(`c${i}`, 900 - i))
  const table = { table: FLIGHTS, storedBytes: 9_000, fileCount: 1, unknownCount: 0 }
  render(<LargestColumns data={{ tables: [table], columns, files: { measuredCount: 1, fileCount: 1 } }} />)
  const rows = within(screen.getByRole('table', { name: 'Largest columns' }))
    .getAllByRole('row')
    .slice(1)
  expect(rows).toHaveLength(8)
  expect(rows[0]?.textContent).toContain('10.0%')
  const link = within(rows[0] ?? document.body).getByRole('link', {
    name: 'Compression studio of demo.flights, for c0',
  })
  expect(link.getAttribute('href')).toBe('/catalogs/local/namespaces/demo/tables/flights/settings/compression')
})

test('A column of a table with files that are not measured has at least these bytes', () => {
  const table = { table: FLIGHTS, storedBytes: 9_000, fileCount: 2, unknownCount: 1 }
  render(
    <LargestColumns
      data={{ tables: [table], columns: [column('c0', 900)], files: { measuredCount: 1, fileCount: 2 } }}
    />,
  )
  const row = screen.getByRole('row', { name: /c0/ })
  expect(row.textContent).toContain('≥ 900 B')
  expect(row.textContent).toContain('≈ 10.0%')
})

test('Without a column of known size, the panel says so', () => {
  render(<LargestColumns data={{ tables: [], columns: [], files: { measuredCount: 0, fileCount: 0 } }} />)
  expect(screen.getByText('No column sizes are known yet.')).toBeTruthy()
})
