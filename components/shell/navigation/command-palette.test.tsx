// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { getQuery, type SavedQuery } from '@/lib/contract/queries'
import { searchEverything } from '@/lib/contract/search'
import { type Favourite, listShortcuts, type VisitedEntry } from '@/lib/contract/shortcuts'
import { keys } from '@/lib/client/keys'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { CommandPalette } from './command-palette'
import { focusFilter } from './focus-filter'
import { palette } from './palette-store'

const push = vi.fn()

const NAME = 'customer_lifetime_value_daily_snapshot_v2'
const SAVED: SavedQuery = {
  queryId: 'q1',
  name: 'Margin by month',
  sql: 'select 1 as margin',
  parameters: [],
  folder: null,
  connection: 'local',
  display: null,
  owner: 'ann',
  isOwn: false,
  isShared: true,
  canChange: false,
  createdAtMs: 0,
  changedAtMs: 0,
  changedBy: 'ann',
  version: 1,
}
const onTimeZone = vi.fn()
let shortcuts: { favourites: Favourite[]; visits: VisitedEntry[] }
/** Catalogs with the table that most words find. */
let catalogs: string[]
/** The hits of a price wait for it. */
let pricesAnswer: Promise<void>
/** The query of each request. */
const searches: string[] = []
const onShortcuts = vi.fn()
/** The response to the request for the text of a saved query. */
const answerQuery = vi.fn<() => Promise<Response>>()

beforeEach(() => {
  shortcuts = { favourites: [], visits: [] }
  catalogs = ['local', 'mirror']
  pricesAnswer = Promise.resolve()
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.startsWith('/api/auth')) throw new TypeError('Failed to fetch')
    if (address.startsWith('/api/v1/queries/')) return await answerQuery()
    if (address.startsWith('/api/v1/shortcuts')) return Response.json(z.encode(listShortcuts.output, shortcuts))
    searches.push(new URL(address, 'http://test').searchParams.get('query') ?? '')
    if (address.includes('price')) await pricesAnswer
    const inTable = { catalog: 'local', namespace: ['ux'], entry: { kind: 'table' as const, name: NAME } }
    const inView = { catalog: 'local', namespace: ['demo'], entry: { kind: 'view' as const, name: 'flights_by_route' } }
    const hits = address.includes('arrival')
      ? []
      : address.includes('by_route')
        ? [{ ...inView, kind: 'view' as const, name: 'flights_by_route', detail: null, target: null }]
        : address.includes('price')
          ? [
              { ...inTable, kind: 'column' as const, name: 'Unit_Price', detail: 'in euro', target: '7' },
              { ...inTable, kind: 'snapshot' as const, name: '9007199254740993123', detail: 'append', target: null },
              { ...inTable, kind: 'tag' as const, name: 'price-list', detail: null, target: null },
            ]
          : catalogs.map((catalog) => ({
              catalog,
              namespace: ['ux'],
              entry: { kind: 'table' as const, name: NAME },
              kind: 'table' as const,
              name: NAME,
              detail: null,
              target: null,
            }))
    const queries = address.includes('margin') ? [{ queryId: 'q1', name: 'Margin by month', ownerName: 'ann' }] : []
    const rest = { queries, isTruncated: false, unreachable: [], outdated: [] }
    return Response.json(z.encode(searchEverything.output, { hits, ...rest }))
  })
})
afterEach(() => {
  act(() => palette.close())
  cleanup()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})

async function openPalette(client = new QueryClient({ defaultOptions: { queries: { retry: false } } })) {
  render(
    <QueryClientProvider client={client}>
      <CommandPalette onShortcuts={onShortcuts} onTimeZone={onTimeZone} />
    </QueryClientProvider>,
    { router: { push } },
  )
  act(() => palette.open())
  return screen.findByRole('textbox')
}

test('Hits with long names keep the names of their catalogs', async () => {
  await openPalette()
  expect(await screen.findByText('mirror')).toBeTruthy()
  for (const catalog of ['local', 'mirror']) {
    expect(screen.getByTitle(catalog).textContent).toBe(catalog)
  }
  expect(screen.getAllByTitle(`ux.${NAME}`)).toHaveLength(2)
})

test('A result that an arrow key chose stays chosen when results of the same words arrive again', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const field = await openPalette(client)
  await screen.findByTitle('mirror')
  await userEvent.type(field, '{ArrowDown}')
  catalogs = ['archive', 'local', 'mirror']
  await act(() => client.invalidateQueries({ queryKey: keys.lake() }))
  await screen.findByTitle('archive')
  await userEvent.type(field, '{ArrowUp}{Enter}')
  expect(push).toHaveBeenCalledExactlyOnceWith(`/catalogs/local/namespaces/ux/tables/${NAME}`)
})

test('A result of other words that an arrow key chose gives way to the first result of these words', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  pricesAnswer = promise
  const field = await openPalette()
  await screen.findByTitle('mirror')
  await enterText(field, 'price')
  await userEvent.type(field, '{ArrowDown}')
  resolve()
  await screen.findByTitle('Unit_Price')
  await userEvent.type(field, '{Enter}')
  expect(push).toHaveBeenCalledExactlyOnceWith(`/catalogs/local/namespaces/ux/tables/${NAME}/schema?column=7`)
})

test('An empty result says so', async () => {
  const field = await openPalette()
  await enterText(field, 'arrival')
  expect(await screen.findByText('No results for “arrival”.')).toBeTruthy()
})

test('A view is found by its name, and opens', async () => {
  const field = await openPalette()
  await enterText(field, 'by_route')
  await userEvent.click(await screen.findByTitle('demo.flights_by_route'))
  expect(push).toHaveBeenCalledExactlyOnceWith('/catalogs/local/namespaces/demo/views/flights_by_route')
})

test('A column opens its tab with the column selected, and the matching part is marked', async () => {
  const field = await openPalette()
  await enterText(field, 'price')
  const column = await screen.findByTitle('Unit_Price')
  expect(column.querySelector('mark')?.textContent).toBe('Price')
  await userEvent.click(column)
  expect(push).toHaveBeenCalledWith(`/catalogs/local/namespaces/ux/tables/${NAME}/schema?column=7`)
})

test('A saved query with the words in its name comes before hits that have them elsewhere', async () => {
  const field = await openPalette()
  await enterText(field, 'margin by')
  const query = await screen.findByTitle('Margin by month')
  const table = screen.getAllByTitle(`ux.${NAME}`)[0]
  expect(table && query.compareDocumentPosition(table)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
})

test('A saved query opens however long its text takes, and the palette stays until then', async () => {
  const { promise, resolve } = Promise.withResolvers<Response>()
  answerQuery.mockReturnValueOnce(promise)
  const field = await openPalette()
  await enterText(field, 'margin')
  await userEvent.click(await screen.findByTitle('Margin by month'))
  expect(await screen.findByText('Opening…')).toBeTruthy()
  await new Promise((done) => setTimeout(done, 300))
  expect(screen.getByRole('textbox')).toBeTruthy()
  resolve(Response.json(z.encode(getQuery.output, { query: SAVED })))
  await waitFor(() => expect(push).toHaveBeenCalledWith(paths.savedQuery(SAVED.queryId)))
  await waitFor(() => expect(screen.queryByRole('textbox')).toBeNull())
})

test('A saved query that cannot be read says why in the palette', async () => {
  answerQuery.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  const field = await openPalette()
  await enterText(field, 'margin')
  await userEvent.click(await screen.findByTitle('Margin by month'))
  expect((await screen.findByRole('alert')).textContent).toContain('The query could not be opened')
  expect(push).not.toHaveBeenCalled()
})

test('A snapshot opens its details by its exact id', async () => {
  const field = await openPalette()
  await enterText(field, 'price')
  await userEvent.click(await screen.findByRole('button', { name: /9007199254740993123/ }))
  expect(push).toHaveBeenCalledWith(`/catalogs/local/namespaces/ux/tables/${NAME}/snapshots?opened=9007199254740993123`)
})

test('A tag and a button narrow the search to one kind', async () => {
  const field = await openPalette()
  await enterText(field, 'price')
  await userEvent.click(await screen.findByTitle('price-list'))
  expect((field as HTMLInputElement).value).toBe('tag:price-list')
  await userEvent.click(screen.getByRole('button', { name: 'Columns' }))
  expect((field as HTMLInputElement).value).toBe('column:price-list')
  expect(screen.getByRole('button', { name: 'Columns' }).getAttribute('aria-pressed')).toBe('true')
  await waitFor(() => expect(searches.at(-1)).toBe('column:price-list'))
})

test('The palette runs actions, and goes to pages', async () => {
  const field = await openPalette()
  await enterText(field, 'time zone')
  await userEvent.click(await screen.findByRole('button', { name: 'Choose the time zone…' }))
  expect(onTimeZone).toHaveBeenCalledOnce()

  act(() => palette.open())
  await userEvent.clear(await screen.findByRole('textbox'))
  await enterText(screen.getByRole('textbox'), 'api')
  expect(await screen.findByRole('button', { name: 'API reference' })).toBeTruthy()
})

test('A sign-out that fails says that the user is still signed in', async () => {
  const field = await openPalette()
  await enterText(field, 'sign out')
  await userEvent.click(await screen.findByRole('button', { name: 'Sign out' }))
  expect((await screen.findByRole('alert')).textContent).toContain('You are still signed in.')
})

test('The / key opens the palette on a page without a filter', async () => {
  const client = new QueryClient()
  render(
    <QueryClientProvider client={client}>
      <CommandPalette onShortcuts={onShortcuts} onTimeZone={onTimeZone} />
    </QueryClientProvider>,
    { router: { push } },
  )
  act(() => focusFilter(new KeyboardEvent('keydown', { key: '/' })))
  await waitFor(() => expect(screen.getByRole('textbox')).toBeTruthy())
})

test.each([
  ['rollback', 'Explore'],
  ['logout', 'Sign out'],
])('%s finds %s', async (word, label) => {
  await openPalette()
  await enterText(screen.getByRole('textbox'), word)
  expect(await screen.findByText(label)).toBeTruthy()
})

test('An empty palette begins with favourites and recent pages, and Enter opens the first', async () => {
  const entry = (name: string) => ({ kind: 'table' as const, catalog: 'local', namespace: ['demo'], name })
  shortcuts = {
    favourites: [
      { ...entry('gone'), isDropped: true },
      { kind: 'namespace', catalog: 'local', namespace: ['sales'] },
      { ...entry('fares'), isDropped: false },
    ],
    visits: [entry('fares'), entry('flights')],
  }
  const field = await openPalette()
  expect(await screen.findByTitle('demo.flights')).toBeTruthy()
  expect(screen.queryByTitle('demo.gone')).toBeNull()
  expect(screen.getAllByTitle('demo.fares')).toHaveLength(1)
  await waitFor(() => expect(document.querySelector('[data-selected]')?.textContent).toContain('sales'))
  await waitFor(() => expect(screen.getAllByTitle(`ux.${NAME}`)).toHaveLength(2))
  await userEvent.type(field, '{Enter}')
  expect(push).toHaveBeenCalledWith(paths.namespace('local', ['sales']))

  act(() => palette.open())
  await enterText(await screen.findByRole('textbox'), 'price')
  expect(await screen.findByTitle('Unit_Price')).toBeTruthy()
  expect(screen.queryByTitle('demo.flights')).toBeNull()
})
