// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { InitialSession } from '@/lib/client/session/initial-session'
import { paths } from '@/lib/paths/paths'
import type { Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { signedIn, stubApi } from '@/testing/components/stub-api'
import { sampleSession } from '@/testing/contract/sample-session'
import { CatalogList } from './catalog-list'
import { CatalogPage } from './catalog-page'

const call = stubApi()
beforeEach(() => {
  const rest = { isTruncated: false, isIndexing: false }
  call.mockResolvedValue({ catalogs: [], namespaces: [], badges: [], skippedCount: 0, ...rest })
})

afterEach(cleanup)

async function show(role: Role) {
  signedIn.session = sampleSession(role)
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <InitialSession value={signedIn.session}>
        <CatalogPage catalog="local" />
      </InitialSession>
    </QueryClientProvider>,
  )
  await screen.findByText(/^No namespaces in local yet/)
  return screen.queryByRole('link', { name: 'Warehouse' })
}

it('leads operators to the warehouse', async () => {
  expect((await show('admin'))?.getAttribute('href')).toBe(paths.warehouse('local'))
})

it('The header of a catalog has only icons for its buttons on phones, where the ways into the lake are in it', async () => {
  const local = { name: 'local', kind: 'embedded', warehouse: null, namespaceCount: 0, abilities: [], problem: null }
  const rest = { isTruncated: false, isIndexing: false }
  call.mockResolvedValue({ catalogs: [local], namespaces: [], badges: [], skippedCount: 0, ...rest })
  const buttons = [await show('admin'), screen.getByRole('button', { name: 'New namespace' })]
  for (const button of buttons) {
    expect(button?.classList).toContain('icon-when-narrow')
    expect(button?.querySelector('svg')).not.toBeNull()
  }
})

it.each(['viewer', 'editor'] as const)('offers no warehouse to a %s, for whom it would be refused', async (role) => {
  expect(await show(role)).toBeNull()
})

it('The only catalog is shown in place of a list of one', async () => {
  signedIn.session = sampleSession('viewer')
  const local = { name: 'local', kind: 'embedded', warehouse: null, namespaceCount: 0, abilities: [], problem: null }
  const rest = { isTruncated: false, isIndexing: false }
  call.mockResolvedValue({ catalogs: [local], namespaces: [], badges: [], skippedCount: 0, ...rest })
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <InitialSession value={signedIn.session}>
        <CatalogList />
      </InitialSession>
    </QueryClientProvider>,
  )
  expect(await screen.findByText(/^No namespaces in local yet/)).toBeTruthy()
  expect(screen.queryByRole('grid', { name: 'Catalogs' })).toBeNull()
})
