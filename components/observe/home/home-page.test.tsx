// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { getHome, type Home } from '@/lib/contract/home'
import { render } from '@/testing/components/render'
import * as charts from '@/components/chart/lazy-charts'
import { HomeFigures } from './home-figures'
import { HomePage } from './home-page'

// Charts are drawn on a canvas, which happy-dom has not.
beforeEach(() => {
  vi.spyOn(charts, 'LazyStackedBars').mockImplementation(({ stacks }) => <p>{stacks.length} steps</p>)
})

const MIB = 1024 * 1024
const NAME = 'customer_lifetime_value_daily_snapshot_v2'
const table = { catalog: 'local', namespace: ['ux'], table: NAME }

const HOME: Home = {
  readAtMs: 1_000,
  tableCount: 1,
  duplicates: [],
  duplicateCount: 0,
  unreadable: [],
  unreadableCount: 0,
  unreachable: [],
  badges: [{ table, badge: 'deprecated', badgeReason: 'use ux.lifetime_values' }],
  isTruncated: false,
  demoTableCount: 0,
  catalogCount: 1,
  namespaceCount: 1,
  unprovenNamespaceCount: 0,
  rowCount: 3_000_000,
  liveBytes: Math.round(17.1 * MIB),
  day: { commits: 2, commitsDayBefore: 1, rows: 5, bytes: 5 },
  ratio: {
    plainBytes: Math.round(76.1 * MIB),
    storedBytes: Math.round(16.2 * MIB),
    isEstimated: false,
    fileCount: 3,
    unknownCount: 0,
  },
  tables: [
    {
      table,
      rowCount: 3_000_000,
      liveBytes: 17 * MIB,
      plainBytes: 70 * MIB,
      storedBytes: 16 * MIB,
      isEstimated: false,
    },
  ],
  series: [{ key: 'ux', label: `ux.${NAME}`, table }],
  buckets: [{ startMs: 0, rows: [5], bytes: [5] }],
  freshness: [{ table, lastCommitMs: 1_000, medianIntervalMs: null }],
  events: [],
}

let isOffline: boolean

beforeEach(() => {
  isOffline = false
  vi.stubGlobal('fetch', async (address: string) => {
    if (isOffline) throw new TypeError('Failed to fetch')
    if (address.endsWith('/api/v1/shortcuts')) return Response.json({ favourites: [], visits: [] })
    return Response.json(z.encode(getHome.output, HOME))
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

async function renderHome(search = '') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  render(
    <QueryClientProvider client={client}>
      <NuqsTestingAdapter hasMemory searchParams={search}>
        <HomePage />
      </NuqsTestingAdapter>
    </QueryClientProvider>,
  )
  await screen.findByText('1 steps')
}

test('A range that cannot be read leaves the figures in place, marked as older, with the reason', async () => {
  await renderHome()
  isOffline = true
  await userEvent.click(screen.getByRole('radio', { name: '7 d' }))
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('The figures below are the last that were read')
  expect(screen.getAllByText('3,000,000').length).toBeGreaterThan(0)
  expect(screen.getByText('1 steps')).toBeTruthy()

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

test('The ratio is next to the two sizes that it compares', async () => {
  await renderHome()
  expect(screen.getByText('4.70 : 1')).toBeTruthy()
  expect(screen.getByText('76.1 MiB plain, 16.2 MiB in pages')).toBeTruthy()
})

test('Namespaces that may be those of another connection make the count a range', async () => {
  await renderHome()
  expect(screen.getByText('1 namespace')).toBeTruthy()
  cleanup()
  render(<HomeFigures home={{ ...HOME, namespaceCount: 7, unprovenNamespaceCount: 2 }} />)
  expect(screen.getByText('5 to 7 namespaces').title).toContain('2 namespaces have the names of others')
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
