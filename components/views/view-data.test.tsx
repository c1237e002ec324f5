// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { catalogsQuery } from '@/lib/client/catalogs'
import { queryServerQuery } from '@/lib/client/query/query-server'
import type { CatalogEntry } from '@/lib/contract/catalogs'
import { AppError } from '@/lib/errors'
import { type QueryCost, type QueryEngine, type QueryResult } from '@/lib/query/engine'
import { render } from '@/testing/components/render'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { EMPTY_RESULT } from '@/testing/components/sample-query-result'
import { ViewData } from './view-data'

const run = vi.fn<QueryEngine['run']>()
stubQuerySession({ run })
beforeEach(() => {
  run.mockReset()
})
afterEach(cleanup)

const VIEW = { catalog: 'lake', namespace: ['demo'], view: 'routes' }
const RESULT: QueryResult = {
  ...EMPTY_RESULT,
  columns: [{ name: 'flights', type: 'long', sqlType: 'BIGINT' }],
  batches: [{ rowCount: 1, value: () => 9007199254740993n }],
  rowCount: 1,
}

const toCatalog = (name: string): CatalogEntry => ({
  name,
  kind: 'embedded',
  warehouse: null,
  namespaceCount: null,
  abilities: [],
  problem: null,
})

function renderData() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(catalogsQuery().queryKey, { catalogs: ['lake', 'other'].map(toCatalog) })
  client.setQueryData(queryServerQuery().queryKey, { isEnabled: false, limits: null })
  return render(
    <NuqsTestingAdapter>
      <QueryClientProvider client={client}>
        <ViewData view={VIEW} />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
  )
}

it('reads at most 100 rows by the name of the view, and shows them', async () => {
  run.mockResolvedValue(RESULT)
  renderData()
  const status = await screen.findByText('1 row')
  expect(status).toBeTruthy()
  expect(run.mock.lastCall?.[0]).toMatchObject({
    sql: 'select *\nfrom lake.demo.routes\nlimit 100',
    connection: 'lake',
    connections: ['lake', 'other'],
    maxRows: 100,
  })
  const link = screen.getByRole('link', { name: 'Open in Query' })
  expect(new URL(link.getAttribute('href') ?? '', 'http://lake').searchParams.get('sql')).toContain('lake.demo.routes')
  run.mockClear()
  await userEvent.click(screen.getByRole('button', { name: 'Read again' }))
  expect(run.mock.lastCall?.[1]).toMatchObject({ skipsCache: true })
})

it('the run is cancelled by a button, and when the page is left', async () => {
  run.mockImplementation(
    async (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AppError('cancelled', 'The query was cancelled.')))
      }),
  )
  const { unmount } = renderData()
  await waitFor(() => expect(run).toHaveBeenCalled())
  const leaving = new Event('beforeunload', { cancelable: true })
  window.dispatchEvent(leaving)
  expect(leaving.defaultPrevented).toBe(false)
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(await screen.findByText(/^Cancelled after/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Read again' }))
  const signal = run.mock.lastCall?.[1].signal
  expect(signal?.aborted).toBe(false)
  unmount()
  expect(signal?.aborted).toBe(true)
})

it('asks before it loads much', async () => {
  const cost = { columns: 3, files: 5, readBytes: 2 ** 29, decodedBytes: 2 ** 30 } as QueryCost
  run.mockImplementation(async (_request, { confirm }) => {
    if (!(await confirm(cost))) throw new AppError('cancelled', 'The query was cancelled.')
    return RESULT
  })
  renderData()
  expect((await screen.findByRole('alertdialog', { name: 'Large query' })).textContent).toContain('512 MiB to read')
  await userEvent.click(screen.getByRole('button', { name: 'Load data' }))
  expect(await screen.findByText('1 row')).toBeTruthy()
})

it('says why a view cannot be read, and retries', async () => {
  run.mockRejectedValueOnce(new AppError('file-missing', 'A data file is missing.'))
  run.mockResolvedValue(RESULT)
  renderData()
  expect((await screen.findByRole('alert')).textContent).toContain('A data file is missing.')
  await userEvent.click(screen.getByRole('button', { name: /try again/i }))
  expect(await screen.findByText('1 row')).toBeTruthy()
})
