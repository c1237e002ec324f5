// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter, type OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { ShownTableProvider } from '@/components/table/frame/shown-table'
import { getChangePolicy } from '@/lib/contract/proposals'
import type { TableDetail } from '@/lib/contract/table/tables'
import { render } from '@/testing/components/render'
import { TableSettings } from './table-settings'

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }

let requiredBy: string[] | null

beforeEach(() => {
  localStorage.clear()
  requiredBy = null
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.endsWith('/change-policy')) {
      const policy = { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy: null }
      return Response.json(z.encode(getChangePolicy.output, policy))
    }
    if (!address.includes('/session'))
      return Response.json({
        files: [],
        totalCount: 0,
        totalBytes: 0,
        manifestCount: 0,
        manifestBytes: 0,
        searchedCount: 0,
        matchCount: 0,
        nextOffset: null,
      })
    const user = {
      userId: 'u',
      username: 'ada',
      role: 'editor',
      expiresAtMs: 1,
      grants: [],
      hasGeneratedPassword: false,
      hasPassword: true,
    }
    return Response.json({ ...user, permissions: ['table:write'] })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderSettings(properties: Record<string, string>, query = '', onUrlUpdate?: OnUrlUpdateFunction) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  // The settings use only these parts of the table.
  const detail = { properties, abilities: ['commit-table'], shown: { isCurrent: true }, catalogKind: 'embedded' }
  render(
    <QueryClientProvider client={client}>
      <ShownTableProvider
        value={{
          table: TABLE,
          asOf: {},
          detail: detail as unknown as TableDetail,
          sidePanelHost: null,
          setRowsSql: () => undefined,
        }}
      >
        <NuqsTestingAdapter searchParams={query} hasMemory {...(onUrlUpdate && { onUrlUpdate })}>
          <TableSettings />
        </NuqsTestingAdapter>
      </ShownTableProvider>
    </QueryClientProvider>,
    { query },
  )
}

const shownKeys = () =>
  within(screen.getByRole('table', { name: 'Properties' }))
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.querySelector('code')?.textContent)

it('shows the group, the search and the filter of the URL', () => {
  renderSettings({ 'gc.enabled': 'true' }, '?group=retention&set=true')
  expect(screen.getByRole('button', { name: /^Retention/ }).getAttribute('aria-pressed')).toBe('true')
  expect(shownKeys()).toEqual(['gc.enabled'])
  cleanup()
  renderSettings({}, '?q=bloom-filter-max')
  expect(shownKeys()).toEqual(['write.parquet.bloom-filter-max-bytes'])
})

it('keeps the chosen group in the address, where Back leads to the group before', async () => {
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderSettings({ 'gc.enabled': 'true' }, '', onUrlUpdate)
  await userEvent.click(screen.getByRole('button', { name: /^Retention/ }))
  expect(screen.getByRole('button', { name: /^Retention/ }).getAttribute('aria-pressed')).toBe('true')
  expect(shownKeys()).toContain('gc.enabled')
  await waitFor(() =>
    expect(onUrlUpdate.mock.lastCall?.[0]).toMatchObject({
      queryString: '?group=retention',
      options: { history: 'push' },
    }),
  )
})

it('offers to clear a search without a match', async () => {
  renderSettings({})
  await userEvent.type(screen.getByRole('searchbox'), 'zzzz')
  expect(screen.getByText('No properties match “zzzz”.')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Clear search' }))
  expect(shownKeys()).toContain('write.parquet.compression-codec')
})

it('says which writers honour the level', () => {
  renderSettings({ 'write.parquet.compression-codec': 'gzip' })
  const row = screen.getByText('write.parquet.compression-level').closest('tr')
  expect(within(row!).getByRole('cell', { name: 'Spark, Flink, PyIceberg, Lakeshore' })).toBeTruthy()
})

it('says before the review that changes become a proposal, where the namespace needs two people', async () => {
  requiredBy = ['demo']
  renderSettings({})
  expect(
    await screen.findByText(
      'Changes of tables in demo need two people: your changes become a proposal for another user to commit.',
    ),
  ).toBeTruthy()
})

it('says which parts of its address it ignores', () => {
  renderSettings({}, '?group=zz&set=zz')
  expect(
    screen.getByText(/^“zz” in \?group= is none of all, .* The properties of the compression are shown\.$/),
  ).toBeTruthy()
  expect(
    screen.getByText('“zz” in ?set= is neither true nor false. Properties that are not set are shown, too.'),
  ).toBeTruthy()
})
