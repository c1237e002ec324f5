// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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
  kind: 'table',
  table,
  summary: { ...SUMMARY, rowCount, dataFileCount },
  problem: null,
})

const favourite = (name: string) => ({ kind: 'table', catalog: 'local', namespace: 'demo', name, isDropped: false })
let favourites: unknown[]
let changes: unknown[]
let refusal: string | null
/** Answers a request for contents by its query. */
let answerContents: (query: URLSearchParams) => object | Promise<object>

const FEW = [entry('airports', 3), entry('flights', 9), entry('weather', 0, 0), { kind: 'view', view: 'routes' }]
const contents = (entries: readonly unknown[], rest: object = {}) => ({
  entries,
  totalCount: entries.length,
  counts: { namespace: 0, table: 3, view: 1 },
  isTruncated: false,
  skippedCount: 0,
  readAtMs: 1,
  nextOffset: null,
  ...rest,
})

beforeEach(() => {
  favourites = [favourite('flights')]
  changes = []
  refusal = null
  answerContents = () => contents(FEW)
  vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
    const { pathname, searchParams } = new URL(address, 'http://lakeshore.test')
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
    if (pathname.endsWith('/contents')) return Response.json(await answerContents(searchParams))
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
    { query, router: { push }, hasShortPauses: true },
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

describe('The list of a namespace with more entries than one page', () => {
  const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)
  const nameOf = (index: number) => `t_${String(index).padStart(3, '0')}`
  const ALL = range(0, 500).map(nameOf)
  const PAGE = 20
  const COUNTS = { namespace: 0, table: 500, view: 0 }
  let requests: string[]

  /** Answers as the server does, over all 500 tables. */
  const answer = (query: URLSearchParams) => {
    const found = ALL.filter((name) => name.includes(query.get('search') ?? ''))
    const offset = Number(query.get('offset') ?? '0')
    const page = (query.get('sort') === '-name' ? found.toReversed() : found).slice(offset, offset + PAGE)
    return contents(
      page.map((name) => entry(name, 1)),
      { totalCount: found.length, counts: COUNTS, nextOffset: offset + PAGE < found.length ? offset + PAGE : null },
    )
  }
  beforeEach(() => {
    requests = []
    answerContents = (query) => {
      query.delete('offset')
      requests.push(query.toString())
      return answer(query)
    }
  })
  const type = async (value: string) =>
    fireEvent.change(await screen.findByRole('searchbox', { name: 'Filter 500 entries' }), { target: { value } })

  it('finds entries that are not on the first page', async () => {
    renderPage('')
    await type('t_42')
    await waitFor(async () => expect(await names()).toEqual(range(420, 10).map(nameOf)))
    expect(screen.getByText('10 entries')).toBeTruthy()
    expect(requests.at(-1)).toBe('search=t_42')
  })

  it('says that nothing matches only when the server has searched everything', async () => {
    const answers: ((value: object) => void)[] = []
    renderPage('')
    await names()
    answerContents = () => new Promise((resolve) => answers.push(resolve))
    await type('zzz')
    await waitFor(() => expect(answers).not.toEqual([]))
    expect(screen.getByText('Searching 500 entries…')).toBeTruthy()
    expect(screen.queryByText(/No entries match/)).toBeNull()
    expect(await names()).toHaveLength(PAGE)
    for (const resolve of answers) resolve(contents([], { counts: COUNTS }))
    expect(await screen.findByText('No entries match “zzz”.')).toBeTruthy()
    expect(screen.getByText('0 entries')).toBeTruthy()
  })

  it.each([
    ['in order', false],
    ['the older one last', true],
  ])('shows the answer to the last filter when answers come %s', async (_, isOlderLast) => {
    const answers = new Map<string, () => void>()
    renderPage('')
    await names()
    answerContents = (query) =>
      new Promise((resolve) => answers.set(query.get('search') ?? '', () => resolve(answer(query))))
    await type('t_1')
    await waitFor(() => expect(answers.has('t_1')).toBe(true))
    await type('t_12')
    await waitFor(() => expect(answers.has('t_12')).toBe(true))
    for (const search of isOlderLast ? ['t_12', 't_1'] : ['t_1', 't_12']) answers.get(search)?.()
    const expected = range(120, 10).map(nameOf)
    await waitFor(async () => expect(await names()).toEqual(expected))
    expect(screen.getByText('10 entries')).toBeTruthy()
  })

  it('is sorted by name over everything, as its URL says', async () => {
    renderPage('?sort=-name')
    await waitFor(async () => expect((await names())[0]).toBe('t_499'))
    await userEvent.click(screen.getByRole('button', { name: 'Name' }))
    await waitFor(async () => expect((await names())[0]).toBe('t_000'))
    expect(requests).toEqual(['', 'sort=-name', 'sort=name'])
  })

  it('is not sorted by figures before it is whole, and says so', async () => {
    renderPage('?sort=-rows&q=t_42')
    await waitFor(async () => expect(await names()).toHaveLength(10))
    expect(screen.getByRole('columnheader', { name: 'Rows' }).getAttribute('aria-sort')).toBe('descending')
    await type('')
    expect(
      await screen.findByText(
        '“-rows” in ?sort= is ignored until the whole list is loaded. The entries are in the order of their kinds and names.',
      ),
    ).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Rows' })).toBeNull()
    expect(screen.getByRole('columnheader', { name: 'Rows' }).title).toContain('once the whole list is loaded')
  })

  it('says that entries were left out when the catalog has more than are read', async () => {
    answerContents = (query) => ({ ...answer(query), isTruncated: true })
    renderPage('?q=zzz')
    expect((await screen.findByText(/No entries match “zzz” among those that were read/)).textContent).toContain(
      'neither listed nor searched',
    )
  })

  it('reports a search that failed, and repeats it', async () => {
    renderPage('')
    await names()
    answerContents = () => {
      throw new TypeError('Failed to fetch')
    }
    await type('t_42')
    const retry = await screen.findByRole('button', { name: 'Try again' })
    answerContents = answer
    await userEvent.click(retry)
    await waitFor(async () => expect(await names()).toHaveLength(10))
  })
})

it('A list that is loaded completely is filtered without a request', async () => {
  renderPage('')
  await names()
  answerContents = () => {
    throw new Error('The whole list is here')
  }
  await userEvent.type(screen.getByRole('searchbox'), 'FLI')
  expect(await names()).toEqual(['flights'])
})
