// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { ColumnCompression, TableCompression } from '@/lib/contract/dashboards'
import { render } from '@/testing/components/render'
import { LargestColumns } from './largest-columns'

afterEach(cleanup)

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }

function column(name: string, storedBytes: number): ColumnCompression {
  return { table: FLIGHTS, column: name, type: 'int', codec: 'zstd', storedBytes, plainBytes: null }
}

test('The largest columns have their share of all bytes, and the way to the studio of their table', () => {
  const columns = Array.from({ length: 9 }, (_, i) => column(`c${i}`, 900 - i))
  // Only its stored bytes are used.
  const table = { storedBytes: 9_000 } as TableCompression
  render(<LargestColumns data={{ tables: [table], columns }} />)
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

test('Without a column of known size, the panel says so', () => {
  render(<LargestColumns data={{ tables: [], columns: [] }} />)
  expect(screen.getByText('No column sizes are known yet.')).toBeTruthy()
})
