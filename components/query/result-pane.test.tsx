// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { getTableLayouts } from '@/lib/contract/table/tables'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { QueryCost, QueryRequest } from '@/lib/query/engine'
import type { QueryRunState } from '@/lib/client/query/query-run'
import { AppError } from '@/lib/errors'
import { chooseTimeZone } from '@/lib/time-zone'
import { ResultPane } from './result-pane'

beforeAll(() => chooseTimeZone('Europe/Berlin'))
afterAll(() => chooseTimeZone(null))

const START_MS = Date.UTC(2026, 10, 21)

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(START_MS)
})
afterEach(() => {
  vi.useRealTimers()
  cleanup()
})

const request: QueryRequest = {
  sql: 'select 1',
  cursor: 0,
  connection: 'local',
  connections: [],
  maxRows: 1,
}

const call = stubApi()

function renderQueryFailure(error: AppError, sql: string) {
  const state: QueryRunState = { status: 'failed', request: { ...request, sql }, error, elapsedMs: 1 }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ResultPane state={state} engine="browser" onRetry={() => {}} onRunOnServer={null} onRunAgain={() => {}} />
    </QueryClientProvider>,
  )
}

function renderFailure(...error: ConstructorParameters<typeof AppError>) {
  const state: QueryRunState = { status: 'failed', request, error: new AppError(...error), elapsedMs: 1 }
  render(<ResultPane state={state} engine="browser" onRetry={() => {}} onRunOnServer={null} onRunAgain={() => {}} />)
  return screen.getByRole('alert').textContent
}

test('A hint and the advice after it are separate sentences', () => {
  const hint = 'Write demo.flights, or define a common table expression of that name'
  expect(renderFailure('query-failed', 'flights has no namespace.', { facts: { hint } })).toContain(
    'expression of that name. Then run the query again.',
  )
  cleanup()
  expect(renderFailure('query-failed', 'No column delai.', { facts: { hint: 'Did you mean delay?' } })).toContain(
    'Did you mean delay? Correct it and run it again.',
  )
})

test.each([
  ['select amount from demo.sales', 'The column “amount” is now called “total”. Correct it and run it again.'],
  [
    'select total from demo.sales for version as of 11',
    'At this snapshot the column “total” is called “amount”. Correct it and run it again.',
  ],
])('A statement with another name of a renamed column learns the right one: %s', async (sql, explanation) => {
  vi.useRealTimers()
  const [, name = ''] = /select (\w+)/.exec(sql) ?? []
  const field = (column: string) => ({ id: 1, name: column, required: false, type: 'long' as const })
  const schemas = ['amount', 'total'].map((column, schemaId) => ({
    schemaId,
    identifierFieldIds: [],
    fields: [field(column)],
  }))
  const [past, current] = schemas
  call.mockImplementation(async (endpoint: unknown, input: object) => {
    if (endpoint === getTableLayouts)
      return { metadata: writeTableMetadata(sampleMetadata({ schemas, currentSchemaId: 1 })), schemaUses: [] }
    return { ...SAMPLE_DETAIL, schema: 'snapshot' in input ? past : current }
  })
  const error = new AppError('query-failed', `Binder error: Referenced column "${name}" not found in FROM clause!`, {
    facts: { hint: 'Did you mean cust or status?' },
  })
  renderQueryFailure(error, sql)
  expect(await screen.findByText(explanation)).toBeTruthy()
  expect(screen.queryByText(/Did you mean/)).toBeNull()
})

test('The schemas of tables are requested for no other failure, and a view keeps the hint of the engine', async () => {
  vi.useRealTimers()
  const facts = { hint: 'Did you mean delay?' }
  renderFailure('query-failed', 'Parser error: syntax error at or near "x"', { facts })
  expect(call).not.toHaveBeenCalled()
  cleanup()
  call.mockImplementation(async () => {
    throw new AppError('not-found', 'demo.late is a view.')
  })
  const error = new AppError('query-failed', 'Binder error: Referenced column "x" not found in FROM clause!', { facts })
  renderQueryFailure(error, 'select x from demo.late')
  await waitFor(() => expect(call).toHaveBeenCalled())
  expect(screen.getByText('Did you mean delay? Correct it and run it again.')).toBeTruthy()
})

test('A ref, a snapshot or a time that the table does not have does not suggest to look for the table', () => {
  const refName = 'q9'
  expect(renderFailure('not-found', 'The table has no branch or tag q9', { facts: { refName } })).toContain(
    'The Snapshots tab of the table lists its branches and tags.',
  )
  cleanup()
  const facts = { atMs: 0, earliestMs: START_MS }
  expect(renderFailure('not-found', 'No record', { facts })).toContain(
    'Its record begins at 21 Nov 2026, 00:00:00.000 UTC. Name that time or a later one.',
  )
  expect(screen.queryByText(/renamed or dropped/)).toBeNull()
})

test('What cannot be read here comes with its own advice', () => {
  const hint = 'The Snapshots tab of demo.flights shows what Lakeshore knows of it.'
  const text = renderFailure('not-supported', 'Query cannot read metadata tables such as snapshots yet.', {
    facts: { hint },
  })
  expect(text).toContain(hint)
  expect(text).not.toContain('another engine')
})

test('A running query shows how long it has been running, and has no second Cancel', async () => {
  const progress = { step: 'running', readBytes: 0, totalBytes: 0, rowCount: 0 } as const
  const state: QueryRunState = { status: 'running', request, progress, startedAtMs: START_MS, costPrompt: null }
  render(<ResultPane state={state} engine="browser" onRetry={() => {}} onRunOnServer={null} onRunAgain={() => {}} />)
  expect(screen.queryByRole('timer')).toBeNull()
  for (let second = 0; second < 13; second++) await act(() => vi.advanceTimersByTimeAsync(1000))
  expect(screen.getByRole('timer').textContent).toBe('13 s')
  expect(screen.getByRole('status').textContent).toBe('Running')
  expect(screen.queryByRole('button')).toBeNull()
})

test('A query that is too large for the browser is offered to the server, one whose result is too large is not', () => {
  const onRunOnServer = vi.fn()
  const show = (facts: Record<string, number>) => {
    const error = new AppError('too-large', 'The columns take more than 1 GiB.', { facts })
    const state: QueryRunState = { status: 'failed', request, error, elapsedMs: 1 }
    render(
      <ResultPane
        state={state}
        engine="browser"
        onRetry={() => {}}
        onRunOnServer={onRunOnServer}
        onRunAgain={() => {}}
      />,
    )
  }
  show({ limitBytes: 1 })
  fireEvent.click(screen.getByRole('button', { name: 'Run on the server' }))
  expect(onRunOnServer).toHaveBeenCalledOnce()
  cleanup()
  show({ maxBytes: 1 })
  expect(screen.queryByRole('button', { name: 'Run on the server' })).toBeNull()
})

test('A query whose load was not confirmed was not run, one that was cancelled says after how long', () => {
  const error = new AppError('cancelled', 'The query was cancelled.')
  const show = (more: Partial<QueryRunState & { status: 'failed' }>) => {
    const state: QueryRunState = { status: 'failed', request, error, elapsedMs: 92_000, ...more }
    render(<ResultPane state={state} engine="browser" onRetry={() => {}} onRunOnServer={null} onRunAgain={() => {}} />)
    const text = screen.getByRole('status').textContent
    cleanup()
    return text
  }
  expect(show({})).toBe('Cancelled after 1 min 32 s.')
  expect(show({ unconfirmed: { readBytes: 2 * 1024 ** 3 } as QueryCost })).toBe(
    'Not run: reading 2.00 GiB was not confirmed.',
  )
})

test('The question before a large load offers the server', () => {
  const [onRunOnServer, answer] = [vi.fn(), vi.fn()]
  const progress = { step: 'planning', readBytes: 0, totalBytes: 0, rowCount: 0 } as const
  const cost = {
    statementNumber: 1,
    statementCount: 1,
    columns: 1,
    totalColumns: 1,
    cachedColumns: 0,
    readBytes: 1,
    totalBytes: 1,
    decodedBytes: 300 * 1024 * 1024,
    files: 1,
    totalFiles: 1,
    isFiltered: false,
    isFirstRowsOnly: false,
    isEstimate: false,
  }
  const costPrompt = { cost, answer }
  const state: QueryRunState = { status: 'running', request, progress, startedAtMs: START_MS, costPrompt }
  render(
    <ResultPane
      state={state}
      engine="browser"
      onRetry={() => {}}
      onRunOnServer={onRunOnServer}
      onRunAgain={() => {}}
    />,
  )
  fireEvent.click(screen.getByRole('button', { name: 'Run on the server' }))
  expect(onRunOnServer).toHaveBeenCalledOnce()
  expect(answer).not.toHaveBeenCalled()
})
