// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { listCatalogs } from '@/lib/contract/catalogs'
import type { Endpoint } from '@/lib/contract/endpoint'
import { type FacetEntry, listFacetEntries, listFacets } from '@/lib/contract/facets'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { ExploreRoot } from './explore-root'

const call = stubApi()
afterEach(cleanup)

const OWNERS = {
  facets: [
    { name: 'Données', entryCount: 1234 },
    { name: 'web', entryCount: 1 },
  ],
  isTruncated: false,
  incompleteCatalogs: ['mirror'],
}
const entry = (table: string, part: Partial<FacetEntry> = {}): FacetEntry => ({
  kind: 'table',
  catalog: 'local',
  namespace: ['demo'],
  table,
  summary: null,
  problem: null,
  ...part,
})
const push = vi.fn()

function show(query: string, answers: (endpoint: Endpoint, input: { offset?: number }) => unknown) {
  call.mockImplementation(answers)
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ExploreRoot />
    </QueryClientProvider>,
    { query, router: { push }, pathname: paths.catalogs() },
  )
}

test('The root of Explore leads to owners and tags', async () => {
  show('', (endpoint) => (endpoint === listCatalogs ? { catalogs: [] } : undefined))
  expect((await screen.findByRole('link', { name: 'Catalogs' })).getAttribute('aria-current')).toBe('page')
  expect(screen.getByRole('link', { name: 'Owners' }).getAttribute('href')).toBe('/catalogs?by=owner')
  expect(screen.getByRole('link', { name: 'Tags' }).getAttribute('href')).toBe('/catalogs?by=tag')
})

test('An address by something else says that the catalogs are shown', async () => {
  show('by=zzz', (endpoint) => (endpoint === listCatalogs ? { catalogs: [] } : undefined))
  expect(screen.getByText(/“zzz” in \?by= is neither owner nor tag/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Remove from the address' }))
  expect(screen.queryByText(/in \?by=/)).toBeNull()
})

test('Owners have the numbers of their tables, are filtered without case and accents, and lead to the tables', async () => {
  show('by=owner', (endpoint) => (endpoint === listFacets ? OWNERS : undefined))
  expect(await screen.findByText('1,234')).toBeTruthy()
  expect(screen.getByText(/Not completely indexed for search, so tables may be missing: mirror/)).toBeTruthy()
  await userEvent.type(screen.getByRole('searchbox', { name: 'Filter 2 owners' }), 'DONNEES')
  expect(screen.queryByRole('link', { name: 'web' })).toBeNull()
  expect(screen.getByRole('link', { name: 'Données' }).getAttribute('href')).toBe(paths.facets('owner', 'Données'))
})

test('A list of tags that leaves out some says so', async () => {
  show('by=tag', (endpoint) => (endpoint === listFacets ? { ...OWNERS, isTruncated: true } : undefined))
  expect(await screen.findByText('the 2 with the most tables')).toBeTruthy()
})

test('A list of tags that leaves out some is searched on the server, and sorted by nothing that it lacks', async () => {
  const answers: (() => void)[] = []
  call.mockImplementation((endpoint: Endpoint, { search }: { search?: string }) => {
    if (endpoint !== listFacets) return undefined
    if (search === undefined) return { ...OWNERS, isTruncated: true }
    const facets = search === 'rare' ? [{ name: 'rare', entryCount: 1 }] : []
    return new Promise((resolve) => answers.push(() => resolve({ ...OWNERS, facets })))
  })
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ExploreRoot />
    </QueryClientProvider>,
    { query: 'by=tag', router: { push }, pathname: paths.catalogs(), hasShortPauses: true },
  )
  const field = await screen.findByRole('searchbox', { name: 'Filter tags' })
  expect(screen.queryByRole('button', { name: 'Name' })).toBeNull()
  fireEvent.change(field, { target: { value: 'rare' } })
  expect(screen.queryByText(/matches “rare”/)).toBeNull()
  await waitFor(() => expect(answers).toHaveLength(1))
  answers[0]?.()
  expect(await screen.findByRole('link', { name: 'rare' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Name' })).toBeTruthy()
  fireEvent.change(field, { target: { value: 'none' } })
  await waitFor(() => expect(answers).toHaveLength(2))
  answers[1]?.()
  expect(await screen.findByText('No tag matches “none”.')).toBeTruthy()
})

test('The tables of a tag come page after page, and a table that cannot be read says why', async () => {
  const problem = { code: 'file-missing' as const, detail: 'The metadata file is missing.' }
  show('by=tag&name=gold', (endpoint, { offset = 0 }) =>
    endpoint === listFacetEntries
      ? {
          entries: offset === 0 ? [entry('flights'), entry('recent', { kind: 'view' })] : [entry('lost', { problem })],
          nextOffset: offset === 0 ? 50 : null,
          incompleteCatalogs: [],
        }
      : undefined,
  )
  expect((await screen.findByRole('link', { name: 'demo.flights' })).getAttribute('href')).toBe(
    paths.table({ catalog: 'local', namespace: ['demo'], table: 'flights' }),
  )
  expect(screen.getByRole('link', { name: 'demo.recent' }).getAttribute('href')).toContain('/views/recent')
  expect(screen.getByText(/2 entries, and there are more/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }))
  expect(await screen.findByText(/The metadata file is missing\./)).toBeTruthy()
})

test('A tag without tables says that none can be read', async () => {
  show('by=tag&name=gold', () => ({ entries: [], nextOffset: null, incompleteCatalogs: [] }))
  expect(await screen.findByText('No table that you can read has the tag “gold”.')).toBeTruthy()
})
