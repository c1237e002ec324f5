// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { getHome, type Home } from '@/lib/contract/home'
import { keys } from '@/lib/client/keys'
import { render } from '@/testing/components/render'
import { sampleSession } from '@/testing/contract/sample-session'
import { HomeFigures } from './home-figures'
import { HomePage } from './home-page'

const MIB = 1024 * 1024
const NAME = 'customer_lifetime_value_daily_snapshot_v2'
const table = { catalog: 'local', namespace: ['ux'], table: NAME }

const HOME: Home = {
  readAtMs: 1_000,
  tableCount: 1,
  duplicates: [],
  duplicateCount: 0,
  behind: [],
  unreadTableCount: 0,
  badges: [{ table, badge: 'deprecated', badgeReason: 'use ux.lifetime_values' }],
  demoTableCount: 0,
  catalogCount: 1,
  namespaceCount: 1,
  rowCount: 3_000_000,
  liveBytes: Math.round(17.1 * MIB),
  day: { commits: 2, commitsDayBefore: 1, rows: 5, bytes: 5 },
  ratio: {
    plainBytes: Math.round(76.1 * MIB),
    storedBytes: Math.round(16.2 * MIB),
    isEstimated: false,
  },
  files: { measuredCount: 3, fileCount: 3 },
  tables: [
    {
      table,
      rowCount: 3_000_000,
      liveBytes: 17 * MIB,
      dataFileCount: 3,
      plainBytes: 70 * MIB,
      storedBytes: 16 * MIB,
      isEstimated: false,
    },
  ],
  series: [{ key: 'ux', label: `ux.${NAME}`, table }],
  buckets: [{ startMs: 0, rows: [5], bytes: [5] }],
  freshness: [{ table, lastCommitMs: 1_000, medianIntervalMs: null }],
  events: [],
  eventsCompleteSinceMs: null,
}

let isOffline: boolean
let served: Home

beforeEach(() => {
  isOffline = false
  served = HOME
  vi.stubGlobal('fetch', async (address: string) => {
    if (isOffline) throw new TypeError('Failed to fetch')
    if (address.endsWith('/api/v1/shortcuts')) return Response.json({ favourites: [], visits: [] })
    return Response.json(z.encode(getHome.output, served))
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

async function renderHome(search = '', firstText?: RegExp) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  render(
    <QueryClientProvider client={client}>
      <NuqsTestingAdapter hasMemory searchParams={search}>
        <HomePage />
      </NuqsTestingAdapter>
    </QueryClientProvider>,
  )
  if (firstText) await screen.findByText(firstText)
  else await screen.findByRole('application', { name: 'rows added by table' })
}

test('A range that cannot be read leaves the figures in place, marked as older, with the reason', async () => {
  await renderHome()
  isOffline = true
  await userEvent.click(screen.getByRole('radio', { name: '7 d' }))
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('The figures below are the last that were read')
  expect(screen.getAllByText('3,000,000').length).toBeGreaterThan(0)
  expect(screen.getByRole('application', { name: 'rows added by table' })).toBeTruthy()

  isOffline = false
  await userEvent.click(within(note).getByRole('button', { name: 'Try again' }))
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

test('The range belongs to the chart, and the figures of the last day say so', async () => {
  await renderHome()
  const chart = screen.getByRole('region', { name: /^Rows per/ })
  expect(within(chart).getByRole('radiogroup', { name: 'Time range' })).toBeTruthy()
  expect(screen.getAllByRole('radiogroup', { name: 'Time range' })).toHaveLength(1)
  await userEvent.click(screen.getByRole('radio', { name: '7 d' }))
  expect(await screen.findByText('Commits, last 24 h')).toBeTruthy()
  expect(screen.getAllByText(/in the last 24 h/)).toHaveLength(2)
})

test('The chart covers 30 days, unless the URL names another range', async () => {
  await renderHome()
  expect(screen.getByRole('radio', { name: '30 d' })).toHaveProperty('checked', true)
  expect(screen.getByRole('region', { name: 'Rows per day by table' })).toBeTruthy()
  cleanup()
  await renderHome('?range=24h')
  expect(screen.getByRole('radio', { name: '24 h' })).toHaveProperty('checked', true)
  expect(screen.getByRole('region', { name: 'Rows per hour by table' })).toBeTruthy()
})

test('A lake without data files has no ratio for that reason; one whose tables have not been read says that', () => {
  const figures = () => screen.getByText('Overall ratio').closest('div')?.textContent
  const empty = { ...HOME, ratio: null, files: { measuredCount: 0, fileCount: 0 } }
  const { unmount } = render(<HomeFigures home={empty} />)
  expect(figures()).toContain('unknown: there are no data files')
  unmount()
  render(<HomeFigures home={{ ...empty, tableCount: 0, unreadTableCount: 1 }} />)
  expect(figures()).toContain('unknown: no table has been read yet')
})

test('A range of the address that does not exist is said', async () => {
  await renderHome('?range=zz')
  expect(screen.getByText(/“zz” in \?range= is none of 1h, .*The last 30 d are shown instead\./)).toBeTruthy()
})

test('The ratio is next to the two sizes that it compares', async () => {
  await renderHome()
  expect(screen.getByText('4.70 : 1')).toBeTruthy()
  expect(screen.getByText('76.1 MiB plain, 16.2 MiB stored')).toBeTruthy()
})

test('A ratio of some files is marked, with the count of files that the compression dashboard has', () => {
  render(<HomeFigures home={{ ...HOME, files: { measuredCount: 1_024, fileCount: 2_000 } }} />)
  expect(screen.getByText('≈ 4.70 : 1')).toBeTruthy()
  expect(screen.getByText('1,024 of 2,000 files measured')).toBeTruthy()
})

test('A catalog that is behind changes no figure but is named, and sums say which tables they leave out', async () => {
  served = {
    ...HOME,
    behind: [{ catalog: 'far', reason: 'problem', code: 'catalog-unavailable', completeAtMs: null }],
    unreadTableCount: 2,
  }
  await renderHome()
  expect(screen.getByRole('link', { name: 'far' }).closest('p')?.textContent).toContain('far cannot be read.')
  expect(screen.getByText('Tables').closest('div')?.textContent).toContain('3in 1 namespace')
  expect(screen.getAllByText('of 1 of 3 tables')).toHaveLength(2)
  expect(screen.getByText(/without 2 tables that have not been read yet/)).toBeTruthy()
})

test('A lake without tables says whether there are none, or none that were read', async () => {
  served = { ...HOME, tableCount: 0, namespaceCount: 0, tables: [], series: [], freshness: [], ratio: null }
  await renderHome('', /^No tables yet/)
  expect(screen.getAllByRole('link', { name: 'Load data' })[0]?.getAttribute('href')).toBe('/ingest')
  cleanup()
  served = { ...served, behind: [{ catalog: 'local', reason: 'not-begun', code: null, completeAtMs: null }] }
  await renderHome('', /^No tables have been read yet/)
  expect(screen.queryByText(/No tables yet/)).toBeNull()
  expect(screen.getByRole('link', { name: 'local' }).closest('p')?.textContent?.trim()).toBe(
    'local has not been read yet.',
  )
})

test('A long table name is complete in each list, and gives way to the figures', async () => {
  await renderHome()
  for (const list of ['Freshness', 'Largest tables']) {
    const link = within(screen.getByRole('table', { name: list })).getByRole('link', { name: `ux.${NAME}` })
    expect(link.title).toBe(`ux.${NAME}`)
    expect(link.closest('td')?.dataset.fills).toBe('true')
  }
})

test('A table that is marked has its mark wherever the page names it', async () => {
  await renderHome()
  const badges = await screen.findAllByRole('img', { name: 'deprecated' })
  expect(badges.map((badge) => badge.title)).toEqual(badges.map(() => 'deprecated: use ux.lifetime_values'))
  for (const name of ['Freshness', 'Largest tables'])
    expect(within(screen.getByRole('region', { name })).getAllByRole('img', { name: 'deprecated' })).toHaveLength(1)
})

test('Home tells a user who may read no table so, instead of that there are none', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), { ...sampleSession('viewer'), permissions: [], grants: [] })
  render(
    <QueryClientProvider client={client}>
      <NuqsTestingAdapter hasMemory>
        <HomePage />
      </NuqsTestingAdapter>
    </QueryClientProvider>,
  )
  expect(await screen.findByText(/^You may not read any table yet\./)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Request access…' })).toBeTruthy()
  expect(screen.queryByText(/No tables yet/)).toBeNull()
})
