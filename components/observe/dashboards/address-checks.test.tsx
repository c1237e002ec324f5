// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listCatalogs } from '@/lib/contract/catalogs'
import { getIngestion } from '@/lib/contract/dashboards'
import { listNamespaces } from '@/lib/contract/namespaces'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { CompressionDashboard } from './compression/compression-dashboard'
import { IngestionDashboard } from './ingestion/ingestion-dashboard'

const DASHBOARDS = { Ingestion: IngestionDashboard, Compression: CompressionDashboard }
const call = stubApi()

beforeEach(() => {
  call.mockImplementation((endpoint: unknown) => {
    if (endpoint === listCatalogs) return { catalogs: ['local', 'remote'].map(catalog) }
    const namespaces = ['demo', 'weather'].map((name) => ({
      namespace: [name],
      namespaceCount: 0,
      tableCount: 1,
      viewCount: 0,
    }))
    if (endpoint === listNamespaces) return { namespaces, isTruncated: false, skippedCount: 0 }
    // The figures are not read: the notes are about the address alone.
    throw new AppError('forbidden', 'The figures are not read in this test.')
  })
})
afterEach(cleanup)

const catalog = (name: string) => ({
  name,
  kind: 'embedded',
  warehouse: null,
  namespaceCount: 1,
  abilities: [],
  problem: null,
})

function open(name: keyof typeof DASHBOARDS, search: string) {
  const Dashboard = DASHBOARDS[name]
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <NuqsTestingAdapter searchParams={search} hasMemory>
      <QueryClientProvider client={client}>
        <Dashboard />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
    { pathname: paths.ingestionDashboard() },
  )
}
const notes = () =>
  screen.queryAllByRole('status').flatMap(({ firstChild }) => {
    const text = firstChild?.textContent ?? ''
    return text.includes(' in ?') ? [text] : []
  })
const RANGES = {
  Ingestion: [
    '24h, 7d, 30d, month, yesterday, week, last-week, last-month, quarter, 90d, 1y, and 2y',
    (label: string) => `${label} is shown instead.`,
  ],
  Compression: [
    '7d, 30d, 90d, month, week, last-week, last-month, quarter, 1y, and 2y',
    (label: string) => `${label} is shown instead.`,
  ],
} as const

describe.each(Object.keys(DASHBOARDS) as (keyof typeof DASHBOARDS)[])('The address of the dashboard %s', (name) => {
  const [names, instead] = RANGES[name]
  it.each([
    ['?range=zz', [`“zz” in ?range= is none of ${names}. ${instead('30 d')}`]],
    [
      '?range=7d&from=12abc&to=5',
      [
        `“12abc” in ?from= is not a time in milliseconds since 1970. ${instead('7 d')}`,
        `“5” in ?to= needs a time in ?from=. ${instead('7 d')}`,
      ],
    ],
    ['?from=5', [`“5” in ?from= needs a time in ?to=. ${instead('30 d')}`]],
    ['?from=5&to=3', [`“3” in ?to= is not after ?from=. ${instead('30 d')}`]],
    ['?range=zz&from=0&to=3600000', [`“zz” in ?range= is none of ${names}. The period from ?from= to ?to= is shown.`]],
    ['?catalog=zz', ['There is no catalog “zz” in ?catalog= that you may read. The figures cover no tables.']],
    [
      '?catalog=local&namespace=zz',
      ['The catalog has no namespace “zz” in ?namespace= that you may read. The figures cover no tables.'],
    ],
    ['?range=7d&from=0&to=3600000&catalog=local&namespace=demo', []],
  ])('says what it does not cover: %s', async (search, expected) => {
    open(name, search)
    // The names of catalogs and namespaces are read first.
    if (search.includes('namespace=')) await screen.findByRole('combobox', { name: 'Namespace' })
    await waitFor(() => expect(notes()).toEqual(expected))
  })

  it('loses an ignored part by the button of its note', async () => {
    open(name, '?range=zz')
    await userEvent.click(await screen.findByRole('button', { name: 'Remove from the address' }))
    expect(notes()).toEqual([])
  })
})

it('says that the split or the list of the address does not exist', async () => {
  open('Ingestion', '?by=zz')
  await waitFor(() =>
    expect(notes()).toEqual([
      '“zz” in ?by= is none of writer, table, operation, and partition. The chart is split by writer.',
    ]),
  )
  expect(call.mock.calls.find(([endpoint]) => endpoint === getIngestion)?.[1]).toMatchObject({ by: 'writer' })
  cleanup()
  open('Compression', '?view=zz')
  await waitFor(() =>
    expect(notes()).toEqual([
      '“zz” in ?view= is none of column, codec, table, writer, and age. The sizes are split by column.',
    ]),
  )
})
