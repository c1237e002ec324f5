// @vitest-environment happy-dom
import { QueryClient } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { profiledValues, storeProfiledValues } from '@/lib/client/query/profiled-values'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { QueryCost, QueryEngine, QueryResult } from '@/lib/query/engine'
import type { ColumnProfile } from '@/lib/query/column-profile-types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { ColumnProfilePanel } from './column-profile-panel'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

const FIELD: NestedField = { id: 2, name: 'delay', required: false, type: 'long' }
const TABLE = {
  table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
  snapshotId: '7',
  fields: [FIELD],
  rowCount: 6,
}
const COST = { readBytes: 2 ** 20, decodedBytes: 2 ** 30 } as QueryCost

function toResult(rows: (RowValue | null)[][]): QueryResult {
  const columns = (rows[0] ?? []).map(() => ({ name: '', type: 'long', sqlType: 'BIGINT' }))
  const batch = { rowCount: rows.length, value: (row: number, column: number) => rows[row]?.[column] ?? null }
  return { columns, batches: [batch] } as unknown as QueryResult
}

const RESULTS = [
  toResult([[6n, 5n, 3n, 1n, 9007199254740993n, 0n, 0n, '1', '9007199254740993']]),
  toResult([
    [1n, 3n],
    [2n, 1n],
  ]),
  toResult([
    [0, 4n],
    [19, 1n],
  ]),
]

/** An engine that answers the statements of a profile in turn, after `before` each. */
function createEngine(before: (...args: Parameters<QueryEngine['run']>) => Promise<void> = async () => {}) {
  const statements: string[] = []
  const run: QueryEngine['run'] = async (request, options) => {
    await before(request, options)
    statements.push(request.sql)
    return RESULTS[(statements.length - 1) % 3] as QueryResult
  }
  return { statements, loadEngine: async () => ({ run }) }
}

function renderPanel(loadEngine: () => Promise<Pick<QueryEngine, 'run'>>, onClose = () => {}) {
  render(<ColumnProfilePanel field={FIELD} table={TABLE} onClose={onClose} loadEngine={loadEngine} />)
  return userEvent.setup()
}

describe('The profile of a column', () => {
  test('has exact counts, bounds, top values and a histogram of this snapshot', async () => {
    const { loadEngine, statements } = createEngine()
    renderPanel(loadEngine)
    const panel = await screen.findByRole('complementary', { name: /^Profile of delay/ })
    await waitFor(() => expect(panel.textContent).toContain('6 rows, all of this snapshot'))
    expect(panel.textContent).toContain('Nulls1 (16.7%)')
    expect(panel.textContent).toContain('Distinct3')
    expect(panel.textContent).toContain('Max9007199254740993')
    const buckets = screen.getByRole('list', { name: /^Rows in buckets/ }).children
    expect([buckets.length, buckets[0]?.textContent, buckets[19]?.textContent]).toEqual([20, '4 rows', '1 row'])
    expect(panel.textContent).toContain('Exact. Computed in the browser.')
    expect(statements).toHaveLength(3)
    for (const sql of statements) expect(sql).toContain('local.demo.flights for version as of 7')
  })

  test('has both ends of the histogram of lengths for texts', async () => {
    const results = [
      toResult([[3n, 3n, 3n, 'a', 'zz', 0n, 0n, '1', '12']]),
      toResult([['a', 1n]]),
      toResult([
        [0, 2n],
        [19, 1n],
      ]),
    ]
    const run = vi.fn<QueryEngine['run']>(async () => results.shift() as QueryResult)
    const field: NestedField = { ...FIELD, type: 'string' }
    render(
      <ColumnProfilePanel
        field={field}
        table={{ ...TABLE, fields: [field] }}
        onClose={() => {}}
        loadEngine={async () => ({ run })}
      />,
    )
    expect(await screen.findByText('Histogram of lengths')).toBeTruthy()
    expect(screen.getByText('1 character')).toBeTruthy()
    expect(screen.getByText('12 characters')).toBeTruthy()
    expect(screen.getByRole('list', { name: /from the shortest text to the longest$/ })).toBeTruthy()
  })

  test('has the finite ends of the histogram for numbers of which some are infinite, and says how many are', async () => {
    const results = [
      toResult([[5n, 5n, 4n, -Infinity, Infinity, 0n, 2n, '-1.5', '4.0']]),
      toResult([[Infinity, 1n]]),
      toResult([
        [0, 2n],
        [19, 1n],
      ]),
    ]
    const run = vi.fn<QueryEngine['run']>(async () => results.shift() as QueryResult)
    const field: NestedField = { ...FIELD, type: 'double' }
    render(
      <ColumnProfilePanel
        field={field}
        table={{ ...TABLE, fields: [field] }}
        onClose={() => {}}
        loadEngine={async () => ({ run })}
      />,
    )
    const list = await screen.findByRole('list', { name: /^Rows in buckets/ })
    expect(list.nextElementSibling?.textContent).toBe('-1.54')
    expect(screen.getByText('2 infinite values are not in the bars.')).toBeTruthy()
    expect(screen.getByText('Max').nextElementSibling?.textContent).toBe('Infinity')
  })

  test('has an estimate of distinct values with its margin and the digits that are known', async () => {
    const results = [
      toResult([[3_000_000n, 3_000_000n, 123_456n, 1n, 9n, 0n, 0n, '1', '9']]),
      toResult([[1n, 3n]]),
      toResult([[0, 4n]]),
    ]
    const run = vi.fn<QueryEngine['run']>(async () => results.shift() as QueryResult)
    render(
      <ColumnProfilePanel
        field={FIELD}
        table={{ ...TABLE, rowCount: 3_000_000 }}
        onClose={() => {}}
        loadEngine={async () => ({ run })}
      />,
    )
    const panel = await screen.findByRole('complementary', { name: /^Profile of delay/ })
    await waitFor(() => expect(panel.textContent).toContain('Distinct≈ 120,000 ± 26 %'))
    expect(panel.textContent).toContain('Distinct is an estimate, within ± 26 % (95 % confidence); all else is exact.')
  })

  test('is of the rows that match the filter, and says so', async () => {
    const { loadEngine, statements } = createEngine()
    const where = '{"type":"gt","term":{"type":"reference","id":2},"value":0}'
    render(<ColumnProfilePanel field={FIELD} table={{ ...TABLE, where }} onClose={() => {}} loadEngine={loadEngine} />)
    expect(await screen.findByText('6 rows, all that match these filters')).toBeTruthy()
    for (const sql of statements) expect(sql).toContain('where delay > 0)')
  })

  test('is reported once it is known', async () => {
    const onProfiled = vi.fn<(profile: ColumnProfile) => void>()
    const { loadEngine } = createEngine()
    render(
      <ColumnProfilePanel
        field={FIELD}
        table={TABLE}
        onProfiled={onProfiled}
        onClose={() => {}}
        loadEngine={loadEngine}
      />,
    )
    await waitFor(() => expect(onProfiled).toHaveBeenCalledOnce())
    const client = new QueryClient()
    const column = { ...TABLE, fieldId: FIELD.id }
    expect(profiledValues(client, column)).toEqual([])
    storeProfiledValues(client, column, onProfiled.mock.calls[0]?.[0] as ColumnProfile)
    expect(profiledValues(client, column)).toEqual([1n, 2n])
    expect(profiledValues(client, { ...column, snapshotId: '8' })).toEqual([])
  })

  test('is computed after a question if much has to be loaded', async () => {
    const { loadEngine, statements } = createEngine(async (_request, { confirm }) => {
      if (!(await confirm(COST))) throw new AppError('cancelled', 'The query was cancelled.')
    })
    const user = renderPanel(loadEngine)
    expect(await screen.findByText('The profile loads 1.00 MiB, about 1.00 GiB in memory.')).toBeTruthy()
    expect(statements).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    await user.click(await screen.findByRole('button', { name: 'Profile the column' }))
    await user.click(await screen.findByRole('button', { name: 'Load and profile' }))
    await waitFor(() => expect(statements).toHaveLength(1))
  })

  test('says why it failed, and is retried on request', async () => {
    let isFailing = true
    const { loadEngine } = createEngine(async () => {
      if (isFailing) throw new AppError('file-missing', 'file:///lake/a.parquet: no such file')
    })
    const user = renderPanel(loadEngine)
    expect((await screen.findByRole('alert')).textContent).toContain('a.parquet')
    isFailing = false
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('6 rows, all of this snapshot')).toBeTruthy()
  })

  test('ends when it is closed', async () => {
    const signals: AbortSignal[] = []
    const { loadEngine } = createEngine((_request, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    renderPanel(loadEngine)
    await waitFor(() => expect(signals).toHaveLength(1))
    cleanup()
    expect(signals[0]?.aborted).toBe(true)
  })
})
