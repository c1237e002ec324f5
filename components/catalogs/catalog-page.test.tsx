// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { InitialSession } from '@/lib/client/session/initial-session'
import { paths } from '@/lib/paths'
import { grantsOfRole, type Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { CatalogPage } from './catalog-page'

vi.mock('next/navigation', () => ({ useRouter: () => ({ push: () => {} }) }))
vi.mock('@/lib/api/call', () => ({
  call: async () => ({ catalogs: [], namespaces: [], marks: [], leftOutCount: 0 }),
}))

afterEach(cleanup)

async function show(role: Role) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <InitialSession value={{ userId: 'u1', permissions: grantsOfRole(role).map(({ permission }) => permission) }}>
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

it.each(['viewer', 'editor'] as const)('offers no warehouse to a %s, for whom it would be refused', async (role) => {
  expect(await show(role)).toBeNull()
})
