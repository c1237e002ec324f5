// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { searchLake } from '@/lib/contract/search'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { LoadPage } from './load-page'

const call = stubApi()
afterEach(cleanup)

it('A load into a namespace begins with its tables, and a new one with the columns of a file', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== searchLake) throw new Error('unexpected call')
    const flights = { catalog: 'local', namespace: ['demo', 'a'], entry: { kind: 'table', name: 'flights' } }
    return { hits: [flights], badges: [], isTruncated: false, unreachable: [] }
  })
  renderInTable(<LoadPage />, { search: '?catalog=local&namespace=demo%1Fa' })
  expect(screen.getByLabelText('Table')).toHaveProperty('value', 'demo.a')
  const found = await screen.findByRole('link', { name: 'local.demo.a.flights' })
  expect(found.getAttribute('href')).toBe('/ingest?catalog=local&namespace=demo%1Fa&table=flights')
  const fromFile = screen.getByRole('link', { name: 'New table from a file' })
  expect(fromFile.getAttribute('href')).toBe('/catalogs/local/namespaces/demo%1Fa/new-table?source=file')
})
