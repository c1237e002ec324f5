// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { NO_LAYOUT } from '@/components/ui/grid/column-layout'
import type { RowsReply, RowsRequest } from '@/lib/client/rows/row-messages'
import type { SerializedError } from '@/lib/client/rows/serialized-error'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { FilterProgress } from '@/lib/scan/filtered-rows'
import { render } from '@/testing/components/render'
import { StubbedRowWorker } from '@/testing/components/stubbed-row-worker'
import { RowGrid } from './row-grid'

const FIELDS: NestedField[] = [{ id: 1, name: 'delay', required: false, type: 'long' }]
const NOTHING = { rowGroups: 0, rows: 0 }
const PLAN: SignedScanPlan = {
  token: 't',
  expiresAtMs: 0,
  snapshotId: '1',
  committedAtMs: 0,
  schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
  defaults: [],
  rowCount: 3_000_000,
  fileCount: 24,
  deleteFileCount: 0,
  deleteBytes: 0,
  totalBytes: 32_000_000,
  nameMapping: null,
  files: [],
  deleteFiles: [],
  filtered: {
    nextFile: null,
    skipped: {
      manifests: 2,
      files: {
        partition: { files: 10, rows: 1_000_000 },
        'null-counts': { files: 0, rows: 0 },
        bounds: { files: 5, rows: 500_000 },
      },
    },
  },
}
const COST = { bytesRead: 1_468_006, requests: 9, filesRead: 9, sizeMismatches: [] }

/** The worker's result of each search; the last repeats. */
let searches: { matchCount: number; isComplete: boolean; problem?: SerializedError }[]

/** The ranges of matching rows whose sort keys were read. */
let keyRanges: [number, number][]

class FakeRowWorker extends StubbedRowWorker {
  postMessage(request: RowsRequest): void {
    if (request.kind === 'search') this.#reply(searched(request.id))
    if (request.kind === 'sort-keys') {
      keyRanges.push([request.firstRow, request.lastRow])
      this.#reply({ kind: 'keys-added', id: request.id, cost: COST })
    }
    if (request.kind === 'sort-end') {
      const [, count = 0] = keyRanges.at(-1) ?? []
      const order = Uint32Array.from({ length: count }, (_, row) =>
        request.direction.isDescending ? count - 1 - row : row,
      )
      this.#reply({ kind: 'sorted', id: request.id, order })
    }
    if (request.kind !== 'matches') return
    const { id, fieldIds, rows } = request
    const { firstRow, lastRow } = rows ? { firstRow: 0, lastRow: rows.length } : request
    const values = Array.from({ length: lastRow - firstRow }, (_, i) => BigInt(1000 + (rows?.[i] ?? firstRow + i)))
    const columns = new Map(fieldIds.map((fieldId) => [fieldId, values]))
    const batch = { firstRow, lastRow, columns, positions: new Float64Array(values.length), sources: [] }
    this.#reply({ kind: 'matches', id, batch, cost: COST, elapsedMs: 12 })
  }
  #reply(data: RowsReply) {
    setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })), 5)
  }
}

function searched(id: number): RowsReply {
  const next = searches.length > 1 ? searches.shift() : searches[0]
  const { matchCount = 0, isComplete = false, problem = null } = next ?? {}
  const progress: FilterProgress = {
    matchCount,
    isComplete,
    filesSearched: isComplete ? 9 : 3,
    rowGroupsSearched: 40,
    skipped: {
      statistics: { rowGroups: 31, rows: 900_000 },
      'bloom-filter': NOTHING,
      dictionary: NOTHING,
      'page-index': NOTHING,
    },
  }
  return { kind: 'searched', id, progress, problem, cost: COST, elapsedMs: 300 }
}

beforeAll(() => {
  vi.stubGlobal('Worker', FakeRowWorker)
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
  for (const [name, value] of [
    ['clientHeight', 400],
    ['clientWidth', 1200],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })
  }
})
beforeEach(() => {
  searches = [{ matchCount: 8214, isComplete: true }]
  keyRanges = []
})
afterEach(cleanup)
afterAll(() => StubbedRowWorker.end())

function renderGrid({ query = '', plan = PLAN } = {}) {
  const onClear = vi.fn<() => void>()
  render(
    <RowGrid
      name="demo.flights"
      table={{ catalog: 'local', namespace: ['demo'], table: 'flights' }}
      shown={{ isCurrent: true, snapshotId: '1', ref: null }}
      plan={plan}
      fields={FIELDS}
      nullShares={null}
      onRead={() => {}}
      layout={NO_LAYOUT}
      onLayoutChange={() => {}}
      onExpired={() => {}}
      sidePanel={({ children }) => children}
      filter={{ where: '{"type":"not-null","term":{"type":"reference","id":1}}', onClear }}
    />,
    { query },
  )
  return { user: userEvent.setup(), onClear }
}

const rowCount = () => screen.getByRole('grid', { name: 'Rows' }).getAttribute('aria-rowcount')
const footer = () => screen.getByRole('contentinfo').textContent

describe('The rows that match a filter', () => {
  it('are counted when all files are searched, and the footer says what was read', async () => {
    renderGrid()
    expect(await screen.findByText('1000')).toBeTruthy()
    await waitFor(() => expect(rowCount()).toBe('8215'))
    expect(footer()).toContain('9 of 24 files')
    expect(footer()).toContain('1.40 MiB of 30.5 MiB')
    expect(footer()).toContain('8,214 rows match')
    expect(footer()).not.toContain('so far')
  })

  it('have no known count while the search runs, which can be stopped and continued', async () => {
    searches = [{ matchCount: 100, isComplete: false }]
    const { user } = renderGrid()
    await waitFor(() => expect(footer()).toContain('100 rows match so far, searching…'))
    expect(rowCount()).toBe('-1')
    await user.click(screen.getByRole('button', { name: 'Stop' }))
    expect(footer()).toContain('100 rows match so far')
    expect(footer()).not.toContain('searching…')
    searches = [{ matchCount: 8214, isComplete: true }]
    expect(screen.getByText('so far', { exact: false, selector: '[data-row-count]' }).textContent).toBe(
      '100 rows so far',
    )
    await user.click(screen.getByRole('button', { name: 'Search on' }))
    await waitFor(() => expect(rowCount()).toBe('8215'))
    expect(document.querySelector('[data-row-count]')?.textContent).toBe('8,214 rows')
  })

  it('may be none, which is said with a way to clear the filter', async () => {
    searches = [{ matchCount: 0, isComplete: true }]
    const { user, onClear } = renderGrid()
    expect(await screen.findByText('No rows match these filters.')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(onClear).toHaveBeenCalledOnce()
  })

  it('are searched for in view of the user, as long as none is found', async () => {
    searches = [{ matchCount: 0, isComplete: false }]
    const { user } = renderGrid()
    expect(await screen.findByText(/Searching for rows that match these filters: 3 of 24 files searched/)).toBeTruthy()
    const [stop] = screen.getAllByRole('button', { name: 'Stop' })
    await user.click(stop ?? document.body)
    expect(screen.getByText(/No rows match these filters yet/)).toBeTruthy()
  })

  it('of a file that cannot be read are a problem, and those before it are shown', async () => {
    const message = 'file:///lake/a.parquet: it is damaged'
    const problem: SerializedError = { code: 'file-damaged', message, facts: {}, requestId: null }
    searches = [{ matchCount: 7, isComplete: false, problem }]
    const { user } = renderGrid()
    expect((await screen.findByRole('alert')).textContent).toContain(message)
    expect(await screen.findByText('1006')).toBeTruthy()
    searches = [{ matchCount: 9, isComplete: true }]
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(footer()).toContain('9 rows match'))
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('come with a report of what was skipped and why', async () => {
    const { user } = renderGrid()
    await waitFor(() => expect(footer()).toContain('8,214 rows match'))
    await user.click(screen.getByRole('button', { name: 'How this was read' }))
    const report = await screen.findByRole('dialog', { name: 'How this was read' })
    expect(report.textContent).toContain('9 of 24 files searched, in 40 row groups. 2 manifests not read.')
    const lines = [...report.querySelectorAll('tbody tr')].map(({ children }) =>
      [...children].map(({ textContent }) => textContent).join(' | '),
    )
    expect(lines.slice(0, 4)).toEqual([
      'Files by their partition | 10 files | 1,000,000',
      'Files by their null counts | 0 files | 0',
      'Files by their bounds | 5 files | 500,000',
      'Row groups by statistics | 31 row groups | 900,000',
    ])
  })

  it('start at the row of a link, once it is found', async () => {
    searches = [
      { matchCount: 50, isComplete: false },
      { matchCount: 8214, isComplete: true },
    ]
    renderGrid({ query: '?row=5001' })
    expect(await screen.findByText('6000')).toBeTruthy()
  })

  it('are sorted by a column once all of them are found, and the header says so', async () => {
    searches = [
      { matchCount: 50, isComplete: false },
      { matchCount: 8214, isComplete: true },
    ]
    renderGrid({ query: '?sort=-1', plan: { ...PLAN, totalBytes: 1000 } })
    expect(await screen.findByText('9213')).toBeTruthy()
    expect(screen.getByText(/^Sorted by/).textContent).toContain('delay descending')
    expect(screen.getByRole('columnheader', { name: /^delay/ }).getAttribute('aria-sort')).toBe('descending')
    expect(keyRanges).toEqual([[0, 8214]])
  })

  it('are sorted only after a question if files with many bytes may have to be searched for them', async () => {
    searches = [{ matchCount: 50, isComplete: false }]
    const { user } = renderGrid({ query: '?sort=1', plan: { ...PLAN, totalBytes: 196_000_000 } })
    const question = await screen.findByText(/^Sorting searches up to 24 files/)
    expect(question.textContent).toContain('then reads delay of the matching rows, at most 187 MiB')
    expect(keyRanges).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Sort' }))
    await screen.findByText(/: 3 of up to 24 files searched/)
    searches = [{ matchCount: 8214, isComplete: true }]
    expect(await screen.findByText(/^Sorted by/)).toBeTruthy()
  })

  it('are no longer to be sorted when the user stops the search that the sort needs', async () => {
    searches = [{ matchCount: 50, isComplete: false }]
    const { user } = renderGrid({ query: '?sort=1', plan: { ...PLAN, rowCount: 1000, totalBytes: 1000 } })
    await screen.findByText(/of up to 24 files searched/)
    await user.click(screen.getByRole('button', { name: 'Stop' }))
    await waitFor(() => expect(screen.queryByText(/of up to 24 files searched/)).toBeNull())
    expect(footer()).toContain('50 rows match so far')
    expect(footer()).not.toContain('searching…')
    expect(keyRanges).toEqual([])
  })
})
