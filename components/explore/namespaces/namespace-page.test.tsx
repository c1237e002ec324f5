// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RHYTHM_DAYS } from '@/lib/contract/shapes/plain-values'
import { render } from '@/testing/components/render'
import { NamespacePage } from './namespace-page'

const SUMMARY = {
  formatVersion: 2,
  liveBytes: 10,
  dataFileCount: 1,
  deleteFileCount: 0,
  ratio: null,
  partitionedBy: '',
  commitsByDay: Array.from({ length: RHYTHM_DAYS }, () => 0),
  lastCommitMs: 1,
  about: { description: null, owner: null, tags: [], badge: null, badgeReason: null, isProtected: false },
}
const entry = (table: string, rowCount: number, dataFileCount = 1) => ({
  table,
  summary: { ...SUMMARY, rowCount, dataFileCount },
  problem: null,
})

const favourite = (name: string) => ({ kind: 'table', catalog: 'local', namespace: 'demo', name, isDropped: false })
let favourites: unknown[]
let changes: unknown[]
let refusal: string | null

beforeEach(() => {
  favourites = [favourite('flights')]
  changes = []
  refusal = null
  vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
    const { pathname } = new URL(address, 'http://lakeshore.test')
    if (pathname.endsWith('/shortcuts')) return Response.json({ favourites, visits: [] })
    if (pathname.endsWith('/shortcuts/favourites')) {
      changes.push(JSON.parse(init?.body as string))
      if (refusal === null) favourites = []
      const problem = {
        type: '',
        title: '',
        status: 400,
        detail: refusal,
        requestId: 'r',
        code: 'invalid-request',
        facts: {},
      }
      return refusal === null ? Response.json({}) : Response.json(problem, { status: 400 })
    }
    if (pathname.endsWith('/table-summaries')) {
      const entries = [entry('airports', 3), entry('flights', 9), entry('weather', 0, 0)]
      return Response.json({ entries, totalCount: 3, nextOffset: null, readAtMs: 1 })
    }
    if (pathname.endsWith('/views')) return Response.json({ views: ['routes'], totalCount: 1, nextOffset: null })
    if (pathname.endsWith('/namespaces')) return Response.json({ namespaces: [], isTruncated: false, skippedCount: 0 })
    return Response.json({ namespace: 'demo', location: null, properties: {}, openProposalCount: 2 })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderPage(query: string) {
  const push = vi.fn()
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <NamespacePage catalog="local" namespace={['demo']} />
    </QueryClientProvider>,
    { query, router: { push } },
  )
  return { push }
}

const names = async () => {
  await screen.findByRole('grid')
  return screen.getAllByRole('row').flatMap((row) => row.querySelector('td a')?.textContent ?? [])
}

it('shows the kind, the filter and the order of the URL', async () => {
  renderPage('?kind=table&sort=-rows')
  expect(await names()).toEqual(['flights', 'airports', 'weather'])
  cleanup()
  renderPage('?q=W')
  expect(await names()).toEqual(['weather'])
})

it('says of a table without files that it has no ratio for that reason', async () => {
  renderPage('')
  await names()
  const textOf = (name: string) => screen.getByRole('link', { name }).closest('tr')?.textContent
  expect(textOf('weather')).toContain('unknown: there are no data files')
  expect(textOf('flights')).toContain('unknown: the sizes of its files are not known yet')
})

it('says that nothing matches the filter, and clears it', async () => {
  renderPage('?q=zzz')
  expect(await screen.findByText('No entries match “zzz”.')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }))
  expect(await names()).toHaveLength(4)
})

const star = (name: string) => screen.findByRole('button', { name: `Favourite ${name}` })

it('The star of a row works by click and by keyboard, and does not open the row', async () => {
  const { push } = renderPage('')
  await waitFor(async () => expect((await star('flights')).getAttribute('aria-pressed')).toBe('true'))
  expect((await star('routes')).getAttribute('aria-pressed')).toBe('false')
  await userEvent.click(await star('flights'))
  await waitFor(async () => expect((await star('flights')).getAttribute('aria-pressed')).toBe('false'))
  ;(await star('routes')).focus()
  await userEvent.keyboard('{Enter}')
  await waitFor(() => expect(changes).toHaveLength(2))
  const target = { catalog: 'local', namespace: 'demo' }
  expect(changes).toMatchObject([
    { target: { ...target, kind: 'table', name: 'flights' }, isFavourite: false },
    { target: { ...target, kind: 'view', name: 'routes' }, isFavourite: true },
  ])
  expect(push).not.toHaveBeenCalled()
})

it('says why a favourite was refused, and leaves the star as it is stored', async () => {
  renderPage('')
  refusal = 'A user has at most 200 favourites. Remove some of them first.'
  await userEvent.click(await star('airports'))
  expect((await screen.findByRole('alert')).textContent).toContain('at most 200 favourites')
  expect((await star('airports')).getAttribute('aria-pressed')).toBe('false')
})

it('begins the figures with the open proposals, which are the last to give way', async () => {
  renderPage('')
  const link = await screen.findByRole('link', { name: '2 open proposals' })
  expect(link.parentElement?.textContent).toMatch(/^2 open proposals3 tables1 view/)
})

it('says which parts of its address it ignores', async () => {
  renderPage('?kind=zz&action=zz')
  await names()
  expect(
    screen.getByText('“zz” in ?kind= is none of all, table, view, and namespace. All entries are listed.'),
  ).toBeTruthy()
  expect(screen.getByText('“zz” in ?action= is not an action of this page. No panel is open.')).toBeTruthy()
})
