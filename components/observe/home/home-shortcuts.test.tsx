// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { listCatalogs } from '@/lib/contract/catalogs'
import type { Endpoint } from '@/lib/contract/endpoint'
import { listShortcuts, setFavourite } from '@/lib/contract/shortcuts'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { HomeShortcuts } from './home-shortcuts'

const call = stubApi()
afterEach(cleanup)

const entry = (name: string) => ({ kind: 'table', catalog: 'local', namespace: ['demo'], name }) as const
const catalog = (name: string) => ({
  name,
  kind: 'embedded' as const,
  warehouse: null,
  namespaceCount: null,
  abilities: [],
  problem: null,
})

function show(shortcuts: unknown, catalogNames = ['local']) {
  call.mockImplementation((endpoint: Endpoint) => {
    if (endpoint === listShortcuts) {
      if (shortcuts instanceof AppError) throw shortcuts
      return shortcuts
    }
    if (endpoint === listCatalogs) return { catalogs: catalogNames.map(catalog) }
    return {}
  })
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <HomeShortcuts />
    </QueryClientProvider>,
  )
}
const list = (name: string) => screen.findByRole('list', { name })
const texts = (of: HTMLElement) =>
  within(of)
    .getAllByRole('listitem')
    .map(({ textContent }) => textContent)

test('Home has the favourites, and the last visits with those among the favourites', async () => {
  show({
    favourites: [
      { ...entry('flights'), isDropped: false },
      { kind: 'namespace', catalog: 'local', namespace: ['a', 'b'] },
      { kind: 'query', queryId: 'q1', name: 'Margins' },
      { ...entry('old'), isDropped: true },
    ],
    visits: [entry('flights'), entry('airports')],
  })
  const favourites = await list('Favourites')
  expect(texts(favourites)).toEqual(['demo.flights', 'a.b', 'Margins', 'demo.old dropped'])
  expect(
    within(favourites)
      .getAllByRole('link')
      .map((link) => link.getAttribute('href')),
  ).toEqual([
    paths.table({ catalog: 'local', namespace: ['demo'], table: 'flights' }),
    paths.namespace('local', ['a', 'b']),
    paths.savedQuery('q1'),
  ])
  expect(texts(await list('Recent'))).toEqual(['demo.flights', 'demo.airports'])
  await userEvent.click(await screen.findByRole('button', { name: 'Favourite demo.old' }))
  expect(call).toHaveBeenCalledWith(setFavourite, { target: entry('old'), isFavourite: false })
})

test('Names have their catalog when there are several', async () => {
  show({ favourites: [], visits: [entry('flights')] }, ['far', 'local'])
  expect(await screen.findByText('local ›')).toBeTruthy()
})

test('Long lists are bounded, and lead to the rest', async () => {
  const favourites = Array.from({ length: 9 }, (_, i) => ({ ...entry(`t${i}`), isDropped: false }))
  show({ favourites, visits: [] })
  expect(texts(await list('Favourites'))).toHaveLength(6)
  const panel = screen.getByRole('region', { name: 'Favourites' })
  expect(panel.textContent).toContain('newest 6 of 9')
  expect(within(panel).getByRole('link', { name: 'All in Explore' }).getAttribute('href')).toBe('/catalogs')
})

test('Empty lists say how they are filled', async () => {
  show({ favourites: [], visits: [] })
  expect(await screen.findByText(/No favourites yet\. The star next to the name/)).toBeTruthy()
  expect(screen.getByText('No tables or views opened yet.')).toBeTruthy()
})

test('A list that cannot be read says so', async () => {
  show(new AppError('database-unavailable', 'The database is not available.'))
  expect((await screen.findByRole('alert')).textContent).toContain('Your favourites')
  expect(screen.queryByText(/No favourites yet/)).toBeNull()
})
