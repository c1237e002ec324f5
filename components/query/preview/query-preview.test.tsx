// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as tabRuns from '@/lib/client/query/tab-runs'
import { AppError } from '@/lib/errors'
import type { QueryPreview as Preview, QueryRequest } from '@/lib/query/engine'
import { render as renderPart } from '@/testing/components/render'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { QueryPreview } from './query-preview'

const session = { start: async () => {}, preview: vi.fn() }
const running = { tabs: new Set<string>() }
stubQuerySession(session)

beforeEach(() => {
  vi.spyOn(tabRuns, 'useRunningTabs').mockImplementation(() => running.tabs)
  running.tabs = new Set()
  session.preview.mockReset()
})
afterEach(cleanup)

function previewOf(value: string, more: Partial<Preview> = {}): Preview {
  return {
    columns: [{ name: 'origin', type: 'string', sqlType: 'VARCHAR' }],
    batches: [{ rowCount: 1, value: () => value }],
    rowCount: 1,
    isTruncated: false,
    samples: [{ label: 'demo.flights', rowCount: 10_000, isWhole: false }],
    ...more,
  }
}

function requestOf(sql: string): QueryRequest {
  const connections = ['local']
  return { sql, cursor: sql.length, connection: 'local', connections, maxRows: 1 }
}

const render = (part: ReactElement) => renderPart(part, { hasShortPauses: true })
const view = (sql: string, onTurnOff = () => {}) => <QueryPreview request={requestOf(sql)} onTurnOff={onTurnOff} />
const note = () => screen.getByRole('status').textContent

test('The first rows are shown, and that they are of a sample and not the result', async () => {
  session.preview.mockResolvedValue(previewOf('ORD'))
  render(view('select origin from demo.flights'))
  expect(note()).toBe('Reading…')
  expect(await screen.findByRole('cell', { name: 'ORD' })).toBeDefined()
  expect(note()).toBe('Preview from a sample of 10,000 rows of demo.flights, not the result.')
  const region = screen.getByRole('region', { name: 'Rows of the preview' })
  region.focus()
  expect(document.activeElement).toBe(region)
  expect(within(region).getByRole('columnheader').textContent).toBe('origin varchar')
})

test('Ctrl+A and a copy take all rows with the names of the columns', async () => {
  const columns = ['origin', 'route'].map((name) => ({ name, type: 'string', sqlType: 'VARCHAR' }) as const)
  session.preview.mockResolvedValue(previewOf('a\tb', { columns }))
  render(view('from demo.flights'))
  await screen.findAllByRole('cell')
  const region = screen.getByRole('region', { name: 'Rows of the preview' })
  region.focus()
  await userEvent.keyboard('{Control>}a{/Control}')
  expect(document.getSelection()?.anchorNode).toBe(region)
  const setData = vi.fn<(type: string, text: string) => void>()
  fireEvent.copy(region, { clipboardData: { setData } })
  expect(setData.mock.calls).toEqual([['text/plain', 'origin\troute\n"a\tb"\t"a\tb"']])
  expect(await screen.findByText('1 row copied.')).toBeDefined()
})

test('Within a common table expression its own rows are requested', async () => {
  session.preview.mockResolvedValue(previewOf('ORD'))
  const sql = 'with month as (select origin from demo.flights'
  render(<QueryPreview request={{ ...requestOf(`${sql}) select 1`), cursor: sql.length }} onTurnOff={() => {}} />)
  expect(screen.getByRole('heading').textContent).toBe('Preview of month')
  await waitFor(() => expect(session.preview).toHaveBeenCalledOnce())
  expect(session.preview.mock.lastCall?.[0].sql).toBe(`${sql})\nselect * from "month"`)
})

test('While a text cannot run, the rows of the one before stay and are called so', async () => {
  session.preview.mockResolvedValueOnce(previewOf('ORD'))
  const { rerender } = render(view('select origin from demo.flights'))
  await screen.findByRole('cell', { name: 'ORD' })
  session.preview.mockRejectedValueOnce(new AppError('query-failed', 'Parser error'))
  rerender(view('select origin from demo.flights where'))
  await waitFor(() => expect(note()).toBe('The text cannot run as it is. The rows are those of an earlier text.'))
  expect(screen.getByRole('cell', { name: 'ORD' })).toBeDefined()
  session.preview.mockResolvedValueOnce(previewOf('ATL'))
  rerender(view('select origin from demo.flights where true'))
  expect(await screen.findByRole('cell', { name: 'ATL' })).toBeDefined()
})

test('A new keystroke, and a query that runs, cancel the preview before', async () => {
  const signals: AbortSignal[] = []
  session.preview.mockImplementation((_request: QueryRequest, signal: AbortSignal) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  const { rerender } = render(view('select 1'))
  await waitFor(() => expect(signals).toHaveLength(1))
  rerender(view('select 12'))
  expect(signals[0]?.aborted).toBe(true)
  await waitFor(() => expect(signals).toHaveLength(2))
  running.tabs = new Set(['tab'])
  rerender(view('select 12'))
  expect(signals[1]?.aborted).toBe(true)
  expect(note()).toBe('Waits for the query that runs.')
})

test('An empty table, a whole one and one that cannot be read are distinguished', async () => {
  const samples = [
    { label: 'demo.new', rowCount: 0, isWhole: true },
    { label: 'demo.airports', rowCount: 1, isWhole: true },
  ]
  session.preview.mockResolvedValueOnce(previewOf('ORD', { samples, rowCount: 0, batches: [] }))
  const { rerender } = render(view('select 1 from demo.new'))
  await screen.findByText('No rows.')
  expect(note()).toBe('Preview from all rows: none, demo.new is empty and 1 row of demo.airports.')
  session.preview.mockRejectedValueOnce(new AppError('file-missing', 'The file a.parquet is gone.'))
  rerender(view('select 1 from demo.broken'))
  await waitFor(() => expect(note()).toContain('The file a.parquet is gone.'))
})

test('Without a query there is nothing to read, and previews can be turned off', async () => {
  const onTurnOff = vi.fn()
  render(view('explain select 1', onTurnOff))
  expect(note()).toBe('Write a query to see its first rows.')
  await userEvent.click(screen.getByRole('button', { name: 'Turn previews off' }))
  expect(onTurnOff).toHaveBeenCalledOnce()
  expect(session.preview).not.toHaveBeenCalled()
})
