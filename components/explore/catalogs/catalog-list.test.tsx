// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { CatalogList } from './catalog-list'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const CATALOG = { kind: 'embedded', warehouse: null, namespaceCount: null, abilities: [], problem: null }

it('lists catalogs by name before the slowest has answered, and adds their contents afterwards', async () => {
  const slowResponse = Promise.withResolvers<void>()
  const respond = async (url: string) => {
    if (!url.includes('/catalogs')) return Response.json({}, { status: 404 })
    const far = { ...CATALOG, name: 'far' }
    if (url.includes('namesOnly=true')) return Response.json({ catalogs: [{ ...CATALOG, name: 'local' }, far] })
    await slowResponse.promise
    return Response.json({ catalogs: [{ ...CATALOG, name: 'local', namespaceCount: 4321 }, far] })
  }
  vi.stubGlobal('fetch', (url: unknown) => respond(String(url)))
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <CatalogList />
    </QueryClientProvider>,
  )
  expect(await screen.findByRole('link', { name: 'local' })).toBeTruthy()
  expect(screen.queryByText('4,321')).toBeNull()
  slowResponse.resolve()
  expect(await screen.findByText('4,321')).toBeTruthy()
})

it('shows the warehouse as unknown when only the catalog knows it', async () => {
  const catalogs = [
    { ...CATALOG, kind: 'rest', name: 'far', namespaceCount: 2 },
    { ...CATALOG, warehouse: 'file:///lake', name: 'local', namespaceCount: 2 },
  ]
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ catalogs })))
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <CatalogList />
    </QueryClientProvider>,
  )
  expect(await screen.findByRole('gridcell', { name: /unknown: only the catalog knows/ })).toBeTruthy()
})
