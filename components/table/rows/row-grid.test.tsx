// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter, type UrlUpdateEvent } from 'nuqs/adapters/testing'
import { useState } from 'react'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ColumnLayout, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import type { RowsReply, RowsRequest } from '@/lib/client/rows/row-messages'
import type { SerializedError } from '@/lib/client/rows/serialized-error'
import type { PlannedDeleteFile, SignedScanPlan } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { ReadCost } from '@/lib/scan/data-files'
import { chooseTimeZone } from '@/lib/time-zone'
import { StubbedRowWorker } from '@/testing/components/stubbed-row-worker'
import { RowGrid } from './row-grid'

const FIELDS: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'long' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  {
    id: 3,
    name: 'leg',
    required: false,
    type: {
      type: 'struct',
      fields: [
        { id: 4, name: 'tail', required: false, type: 'string' },
        {
          id: 5,
          name: 'gates',
          required: false,
          type: { type: 'list', elementId: 6, element: 'string', elementRequired: false },
        },
      ],
    },
  },
]
const ROWS: Record<number, (RowValue | null)[]> = {
  1: [9007199254740993n, 0n, -13n],
  2: ['ABQ', '', null],
  [ROW_ID.id]: [9007199254740993n, 9007199254740994n, 9007199254740995n],
  [LAST_UPDATED_SEQUENCE_NUMBER.id]: [9n, 9n, 7n],
  3: [['N1', ['B14', 'B16']], null, ['N3', []]],
}
const NULL_SHARES = [{ fieldId: 2, share: 1 / 3 }]
const PLAN: SignedScanPlan = {
  token: 't',
  snapshotId: '1',
  committedAtMs: 0,
  schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
  rowCount: 3,
  fileCount: 1,
  deleteFileCount: 0,
  deleteBytes: 0,
  deleteFiles: [],
  totalBytes: 2_000_000,
  expiresAtMs: 0,
  nameMapping: null,
  defaults: [],
  files: [
    {
      index: 0,
      path: 'file:///lake/demo/flights/data/00004-7.parquet',
      fileFormat: 'parquet',
      fileSizeBytes: 2_000_000,
      recordCount: 3,
      firstRowIndex: 0,
      sequenceNumber: 9,
      firstRowId: '9007199254740993',
      specId: 0,
      partition: 'origin=ABQ',
      constants: [],
      deletes: [],
    },
  ],
}

const COST: ReadCost = {
  bytesRead: 1_468_006,
  requests: 2,
  filesRead: 1,
  sizeMismatches: [{ path: 'file:///lake/a.parquet', declaredBytes: 2000, actualBytes: 1000 }],
}

let isFailing = false
let countProblem: SerializedError | null = null
let countsAnswered: Promise<void> = Promise.resolve()
let sortAnswered: Promise<void> = Promise.resolve()
const sortRequests: RowsRequest[] = []
/** The shown rows as SQL, after each change. */
const sqls: (string | null)[] = []
const requestedFieldIds: (readonly number[])[] = []

/** A fake worker that responds with the rows above, or with a missing file. */
class FakeRowWorker extends StubbedRowWorker {
  private showsDeleted = false
  postMessage(request: RowsRequest): void {
    if (request.kind === 'open') this.showsDeleted = request.plan.showsDeleted === true
    if (request.kind === 'count') {
      const counts = request.files.map(() => 1)
      const reply = countProblem
        ? ({ kind: 'failed', id: request.id, error: countProblem } as const)
        : ({ kind: 'counted', id: request.id, counts, cost: COST } as const)
      void countsAnswered.then(() => this.dispatchEvent(new MessageEvent('message', { data: reply })))
    }
    if (request.kind === 'sort-keys' || request.kind === 'sort-end') {
      sortRequests.push(request)
      const { id } = request
      const reply: RowsReply =
        request.kind === 'sort-keys'
          ? { kind: 'keys-added', id, cost: COST }
          : { kind: 'sorted', id, order: Uint32Array.of(2, 1, 0) }
      void sortAnswered.then(() => this.dispatchEvent(new MessageEvent('message', { data: reply })))
    }
    if (request.kind !== 'rows') return
    const { id, firstRow, lastRow, fieldIds } = request
    requestedFieldIds.push(fieldIds)
    const message = 'file:///lake/demo/flights/data/00004-7.parquet: no such file'
    const error = { code: 'file-missing', message, facts: {}, requestId: 'r-7' } as const
    const reply: RowsReply = {
      kind: 'rows',
      id,
      batches: isFailing
        ? []
        : [
            {
              firstRow,
              lastRow,
              columns: new Map(fieldIds.map((field) => [field, ROWS[field] ?? []])),
              positions: Float64Array.from({ length: lastRow - firstRow }, (_, i) => firstRow + i),
              ...(this.showsDeleted && {
                deletedBy: Array.from({ length: lastRow - firstRow }, (_, i) => (firstRow + i === 1 ? [0] : [])),
              }),
            },
          ],
      failed: isFailing ? [{ firstRow, lastRow, error }] : [],
      cost: COST,
      elapsedMs: 312,
    }
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: reply })))
  }
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
  isFailing = false
  countProblem = null
  countsAnswered = Promise.resolve()
  sortAnswered = Promise.resolve()
  sortRequests.length = 0
  requestedFieldIds.length = 0
  addressUpdates.length = 0
  sqls.length = 0
  layout = NO_LAYOUT
})
afterEach(cleanup)
afterAll(() => {
  StubbedRowWorker.end()
  chooseTimeZone(null)
})

type GridInput = Pick<Parameters<typeof RowGrid>[0], 'plan' | 'nullShares' | 'fields'>

const addressUpdates: { search: string; history: string }[] = []
let layout: ColumnLayout

function Grid({ plan, nullShares, fields }: GridInput) {
  const [current, setCurrent] = useState(layout)
  return (
    <RowGrid
      name="demo.flights"
      table={{ catalog: 'local', namespace: ['demo'], table: 'flights' }}
      shown={{ isCurrent: true, snapshotId: '1', ref: null }}
      plan={plan}
      fields={fields}
      nullShares={nullShares}
      onRead={() => {}}
      layout={current}
      onLayoutChange={(next) => {
        layout = next
        setCurrent(next)
      }}
      onExpired={() => {}}
      sidePanel={SidePanelSlot}
      columnProfile={ProfileSlot}
      onSql={(sql) => sqls.push(sql)}
    />
  )
}

function ProfileSlot({ field }: { field: NestedField }) {
  return <p>profile of {field.name}</p>
}

function SidePanelSlot({ children }: { children: React.ReactNode }) {
  return children
}

function renderGrid({
  search = '',
  plan = PLAN,
  nullShares = NULL_SHARES,
  fields = FIELDS,
}: { search?: string } & Partial<GridInput> = {}) {
  const onUrlUpdate = ({ queryString, options }: UrlUpdateEvent) =>
    addressUpdates.push({ search: queryString, history: options.history })
  render(
    <MantineProvider env="test">
      <NuqsTestingAdapter searchParams={search} onUrlUpdate={onUrlUpdate} hasMemory>
        <Grid plan={plan} nullShares={nullShares} fields={fields} />
      </NuqsTestingAdapter>
    </MantineProvider>,
  )
  return userEvent.setup()
}

/** Matches a cell whose text is in several pieces. */
function hasText(text: string) {
  return (_: string, element: Element | null) =>
    element?.getAttribute('role') === 'gridcell' && element.textContent === text
}

describe('The rows of a table', () => {
  test('are shown in a grid of exact values, with types and null shares in the header and the read cost below', async () => {
    renderGrid()
    expect(await screen.findByText('9007199254740993')).toBeTruthy()
    const grid = screen.getByRole('grid', { name: 'Rows' })
    expect(grid.getAttribute('aria-rowcount')).toBe('4')
    expect(screen.getByRole('columnheader', { name: /origin/ }).textContent).toBe('origin string 33.3% null')
    const kinds = (kind: string) => [...grid.querySelectorAll(`[data-kind=${kind}]`)].map((cell) => cell.textContent)
    expect(kinds('null')).toEqual(['null', 'null'])
    expect(kinds('empty')).toEqual(['empty'])
    expect(kinds('zero')).toEqual(['0'])
    expect(kinds('nested')).toEqual(['tail "N1", gates ["B14", "B16"]', 'tail "N3", gates []'])
    const footer = screen.getByRole('contentinfo')
    expect(footer.textContent).toContain('1 of 1 file')
    expect(footer.textContent).toContain('1.40 MiB of 1.91 MiB')
    expect(footer.textContent).toContain('312 ms')
    expect(footer.textContent).toContain('1 file with an unexpected size')
  })

  test('are none in an emptied table, which still shows its columns and leads to its snapshots', async () => {
    renderGrid({ plan: { ...PLAN, rowCount: 0, fileCount: 0, files: [] }, nullShares: null })
    expect(await screen.findByText(/^This snapshot has no rows/)).toBeTruthy()
    expect(screen.getByRole('columnheader', { name: /origin/ })).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Show snapshots' }).getAttribute('href')).toContain('/flights/snapshots')
  })

  test('show and copy instants in the zone of the reader, and again when another one is chosen', async () => {
    chooseTimeZone('Europe/Berlin')
    renderGrid({ fields: [{ id: 1, name: 'at', required: false, type: 'timestamptz' }] })
    const cell = await screen.findByText('2255-06-06 01:47:34.740993+02:00')
    await userEvent.setup().click(cell)
    const data = new DataTransfer()
    fireEvent.copy(cell, { clipboardData: data })
    expect(data.getData('text/plain')).toBe('2255-06-06 01:47:34.740993+02:00')
    act(() => chooseTimeZone('Asia/Tokyo'))
    expect(screen.getByText('2255-06-06 08:47:34.740993+09:00')).toBeTruthy()
  })

  /** A second file with one deleted row; its rows are out of view. */
  const planWithDeletes = (fileSizeBytes: number): SignedScanPlan => {
    const [file] = PLAN.files
    if (!file) throw new Error('the plan has no file')
    const rows = 1000
    const deleteFile: PlannedDeleteFile = {
      index: 0,
      path: 'file:///lake/deletes.parquet',
      content: 'position-deletes',
      format: 'parquet',
      fileSizeBytes,
      recordCount: 1,
      equalityIds: [],
      equalityFields: [],
      contentOffset: null,
      contentSizeBytes: null,
      referencedDataFile: null,
    }
    return {
      ...PLAN,
      rowCount: 2 * rows,
      fileCount: 2,
      deleteFileCount: 1,
      deleteBytes: fileSizeBytes,
      deleteFiles: [deleteFile],
      files: [
        { ...file, recordCount: rows },
        { ...file, index: 1, firstRowIndex: rows, recordCount: rows, deletes: [0] },
      ],
    }
  }
  const rowCountOf = () => screen.getByRole('grid', { name: 'Rows' }).getAttribute('aria-rowcount')
  const footerText = () => screen.getByRole('contentinfo').textContent

  test('have no known count until the deleted ones are counted', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    countsAnswered = promise
    renderGrid({ plan: planWithDeletes(1000) })
    expect(await screen.findByText('9007199254740993')).toBeTruthy()
    await waitFor(() => expect(footerText()).toContain('at most 2,000 rowscounting deleted rows…'))
    expect(rowCountOf()).toBe('-1')
    expect(screen.getByRole('columnheader', { name: 'origin string 33.3% null, deleted rows included' })).toBeTruthy()
    await act(async () => resolve())
    await waitFor(() => expect(footerText()).toContain('1,999 rows'))
    expect(footerText()).not.toContain('at most')
    expect(rowCountOf()).toBe('2000')
  })

  test('are counted when the user asks for it, if much has to be read', async () => {
    const user = renderGrid({ plan: planWithDeletes(2 ** 30) })
    await user.click(await screen.findByRole('button', { name: 'Count rows' }))
    await waitFor(() => expect(rowCountOf()).toBe('2000'))
    expect(screen.queryByRole('button', { name: 'Count rows' })).toBeNull()
  })

  test('say why the deleted ones cannot be counted', async () => {
    const message = 'file:///lake/deletes.parquet: no such file'
    countProblem = { code: 'file-missing', message, facts: {}, requestId: null }
    const user = renderGrid({ plan: planWithDeletes(1000) })
    expect((await screen.findByText('deleted rows cannot be counted')).title).toBe(message)
    expect(rowCountOf()).toBe('-1')
    countProblem = null
    await user.click(screen.getByRole('button', { name: 'Count rows' }))
    await waitFor(() => expect(rowCountOf()).toBe('2000'))
  })

  test('that are deleted are shown in place, marked for everybody, when the user asks for it', async () => {
    const plan = planWithDeletes(1000)
    const files = plan.files.map((file) => ({ ...file, deletes: [0] }))
    const user = renderGrid({ plan: { ...plan, files }, search: '?open=3' })
    await screen.findByText('9007199254740993')
    expect(document.querySelector('[data-mark]')).toBeNull()
    await user.click(screen.getByRole('switch', { name: 'Show deleted rows' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe('?deleted=true'))
    const number = await screen.findByRole('rowheader', {
      name: '2, deleted row. Deleted by position delete file deletes.parquet',
    })
    expect(number.closest('[role=row]')?.getAttribute('data-mark')).toBe('deleted')
    expect(screen.getByRole('rowheader', { name: '3' })).toBeTruthy()
    expect(screen.getByText(/Row numbers count them, too/)).toBeTruthy()
    expect(rowCountOf()).toBe('2001')
    await user.click(number)
    const panel = await screen.findByRole('complementary', { name: 'Row 2' })
    expect(within(panel).getByRole('list', { name: 'Deleted by' }).textContent).toContain(
      'deleted by position delete filedeletes.parquet',
    )
    await user.click(screen.getByRole('switch', { name: 'Show deleted rows' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe(''))
    await waitFor(() => expect(document.querySelector('[data-mark]')).toBeNull())
  })

  test.each([
    ['999', 'a column that the shown schema does not have'],
    ['-d', 'a column that the shown schema does not have'],
    ['3', 'Structs, lists and maps have no order'],
  ])('are not sorted by %s, and the page says why', async (sort, reason) => {
    const user = renderGrid({ search: `?sort=${sort}` })
    expect((await screen.findByText(/^The address sorts rows by/)).textContent).toContain(reason)
    expect(sortRequests).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Clear sort' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe(''))
    expect(screen.queryByText(/^The address sorts rows by/)).toBeNull()
  })

  test('are sorted by a click on a header, and the page says what was sorted', async () => {
    const user = renderGrid()
    await screen.findByText('9007199254740993')
    await user.click(screen.getByRole('columnheader', { name: /^delay/ }))
    expect(await screen.findByText(/^Sorted by/)).toBeTruthy()
    expect(addressUpdates.at(-1)?.search).toBe('?sort=1')
    expect(screen.getByRole('columnheader', { name: /^delay/ }).getAttribute('aria-sort')).toBe('ascending')
    expect(sortRequests).toMatchObject([
      { kind: 'sort-keys', fieldIds: [1], firstRow: 0, lastRow: 3 },
      { kind: 'sort-end', direction: { isDescending: false, areNullsFirst: false } },
    ])
    const numbers = () =>
      [...document.querySelectorAll('[role=gridcell][data-column="1"]')].map(({ textContent }) => textContent)
    await waitFor(() => expect(numbers()).toEqual(['-13', '0', '9007199254740993']))
    // They share the line of the sort on a phone, too.
    const sorted = screen.getByText(/^Sorted by/)
    expect(sorted.nextElementSibling?.textContent).toBe('Nulls firstClear sort')
    expect(sorted.className).toMatch(/text/)
    await user.click(screen.getByRole('button', { name: 'Nulls first' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe('?sort=1&nulls=first'))
    await user.click(await screen.findByRole('button', { name: 'Clear sort' }))
    await waitFor(() => expect(numbers()).toEqual(['9007199254740993', '0', '-13']))
    expect(addressUpdates.at(-1)?.search).toBe('')
  })

  test('are sorted after a question if much has to be read, and the sort can be cancelled', async () => {
    const { promise } = Promise.withResolvers<void>()
    sortAnswered = promise
    const user = renderGrid({ plan: { ...PLAN, totalBytes: 2 ** 30 }, search: '?sort=-2' })
    expect((await screen.findByText(/^Sorting reads/)).textContent).toBe(
      'Sorting reads origin from 1 file, at most 1.00 GiB.',
    )
    expect(sortRequests).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Sort' }))
    expect(await screen.findByText(/^Sorting by/)).toBeTruthy()
    expect(screen.getByText('9007199254740993')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    await waitFor(() => expect(screen.queryByText(/^Sorting by/)).toBeNull())
  })

  test('are sorted without a question if at most 100 MiB have to be read, however many rows there are', async () => {
    const [file] = PLAN.files
    if (!file) throw new Error('no file')
    sortAnswered = Promise.withResolvers<void>().promise
    const rowCount = 3_000_000
    const plan = { ...PLAN, rowCount, totalBytes: 100 * 1024 ** 2, files: [{ ...file, recordCount: rowCount }] }
    renderGrid({ plan, search: '?sort=1' })
    expect(await screen.findByText(/^Sorting by/)).toBeTruthy()
    expect(sortRequests).toHaveLength(1)
    expect(screen.queryByText(/^Sorting reads/)).toBeNull()
  })

  test('beyond the limit are not sorted, and Query is offered', async () => {
    const [file] = PLAN.files
    if (!file) throw new Error('no file')
    const plan = { ...PLAN, rowCount: 6_000_000, files: [{ ...file, recordCount: 6_000_000 }] }
    renderGrid({ plan, search: '?sort=2' })
    expect(await screen.findByText(/6,000,000 rows are not sorted here; the limit is 5,000,000/)).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Open in Query' }).getAttribute('href')).toBe(
      `/query?${new URLSearchParams({ sql: 'select *\nfrom local.demo.flights\norder by "origin" asc nulls last\nlimit 100' })}`,
    )
    expect(sortRequests).toEqual([])
  })

  test('are offered as SQL in their order and with their columns, as the export menu has it', async () => {
    const user = renderGrid({ search: '?sort=-1&hide=3&order=2,1' })
    await screen.findByText('9007199254740993')
    const sql = 'select origin, delay\nfrom local.demo.flights\norder by "delay" desc nulls last'
    await waitFor(() => expect(sqls.at(-1)).toBe(sql))
    await user.click(screen.getByRole('button', { name: 'Export' }))
    const link = await screen.findByRole('menuitem', { name: 'Open in Query' })
    expect(link.getAttribute('href')).toBe(`/query?${new URLSearchParams({ sql })}`)
    cleanup()
    expect(sqls.at(-1)).toBeNull()
  })

  test('have a profile of a column next to them, which the details of a row replace', async () => {
    const user = renderGrid({ search: '?open=2' })
    await screen.findByRole('complementary', { name: 'Row 2' })
    await user.click(screen.getByRole('button', { name: 'Options for delay' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Profile column' }))
    expect(await screen.findByText('profile of delay')).toBeTruthy()
    expect(screen.queryByRole('complementary')).toBeNull()
    await user.click(screen.getByRole('rowheader', { name: '3' }))
    await screen.findByRole('complementary', { name: 'Row 3' })
    expect(screen.queryByText('profile of delay')).toBeNull()
  })

  test('offer to show deleted ones only if the snapshot has delete files', async () => {
    renderGrid()
    await screen.findByText('9007199254740993')
    expect(screen.queryByRole('switch')).toBeNull()
  })

  test('show a nested value as a tree with its file, position and sequence number', async () => {
    const user = renderGrid()
    await user.click(await screen.findByText(hasText('tail "N1", gates ["B14", "B16"]')))
    const popover = await screen.findByRole('dialog', { name: 'leg of row 1' })
    expect(within(popover).getByText('"B16"')).toBeTruthy()
    expect(within(popover).getByText('2 items')).toBeTruthy()
    expect(popover.textContent).toContain('00004-7.parquet')
    expect(popover.textContent).toContain('row position 0')
    expect(popover.textContent).toContain('sequence number 9')
    await user.click(within(popover).getByRole('treeitem', { name: /gates/ }))
    expect(within(popover).queryByText('"B16"')).toBeNull()
    await user.click(within(popover).getByRole('button', { name: 'Close' }))
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.activeElement?.textContent).toBe('tail "N1", gates ["B14", "B16"]')
  })

  test('show a nested value in a panel with a search, by its menu and by a key', async () => {
    const user = renderGrid()
    const cell = await screen.findByText(hasText('tail "N1", gates ["B14", "B16"]'))
    fireEvent.contextMenu(cell)
    await user.click(await screen.findByRole('menuitem', { name: 'Open as a tree' }))
    const panel = await screen.findByRole('complementary', { name: 'leg' })
    expect(within(panel).getByRole('tree', { name: 'Members of leg' })).toBeTruthy()
    expect(within(panel).getByRole('searchbox', { name: 'Search names and values' })).toBeTruthy()
    await user.click(within(panel).getByRole('button', { name: 'Close' }))
    expect(screen.queryByRole('complementary', { name: 'leg' })).toBeNull()
    cell.focus()
    await user.keyboard('{Control>}{Enter}{/Control}')
    expect(await screen.findByRole('complementary', { name: 'leg' })).toBeTruthy()
    // A plain value has no members.
    fireEvent.contextMenu(screen.getAllByRole('gridcell').find(({ dataset }) => dataset['kind'] === 'value') ?? cell)
    await screen.findByRole('menuitem', { name: 'Copy cell' })
    expect(screen.queryByRole('menuitem', { name: 'Open as a tree' })).toBeNull()
  })

  test('open in a panel with every column', async () => {
    const user = renderGrid()
    await screen.findByText('9007199254740993')
    await user.click(screen.getByRole('rowheader', { name: '3' }))
    const panel = await screen.findByRole('complementary', { name: 'Row 3' })
    expect(panel.textContent).toContain('delaylong-13')
    expect(panel.textContent).toContain('originstringnull')
    expect(panel.textContent).toContain('row position 2')
    expect(panel.textContent).toContain('row id 9007199254740995')
    expect(panel.textContent).toContain('last updated at sequence number 7')
    await user.click(within(panel).getByRole('button', { name: 'Close' }))
    expect(screen.queryByRole('complementary')).toBeNull()
  })

  test('show only the chosen columns, and read only those', async () => {
    const user = renderGrid()
    await screen.findByText('9007199254740993')
    await user.click(screen.getByRole('button', { name: '3 columns' }))
    await user.click(await screen.findByRole('checkbox', { name: /leg/ }))
    expect(screen.getByRole('button', { name: '2 of 3 columns' })).toBeTruthy()
    expect(screen.queryByRole('columnheader', { name: /leg/ })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Show all' }))
    expect(screen.getByRole('columnheader', { name: /leg/ })).toBeTruthy()
    expect(requestedFieldIds).toEqual([[1, 2, 3]])
  })

  test('show one column only, or none, and all again', async () => {
    const user = renderGrid()
    await screen.findByText('9007199254740993')
    await user.click(screen.getByRole('button', { name: '3 columns' }))
    await user.click(await screen.findByRole('button', { name: 'Show only origin' }))
    expect(screen.getAllByRole('columnheader').map((header) => header.getAttribute('aria-label'))).toEqual([
      'Row number',
      'origin string 33.3% null',
    ])
    await user.click(screen.getByRole('button', { name: 'Hide all' }))
    expect(screen.queryByRole('grid')).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Show all columns' }))
    expect(screen.getAllByRole('columnheader')).toHaveLength(4)
  })

  test('say why a null share is unknown', async () => {
    renderGrid()
    const header = await screen.findByRole('columnheader', { name: /^delay long Null share unknown/ })
    expect(header.textContent).toBe('delay long – null')
    expect(header.title).toBe('delay long\nNull share unknown: some files have no null count for this column')
    expect(screen.getByRole('columnheader', { name: /leg/ }).title).toContain('Iceberg counts nulls of primitive')
  })

  test('have columns of the same width before and after the shares of nulls are known', async () => {
    renderGrid({ nullShares: 'loading' })
    const header = async () => await screen.findByRole('columnheader', { name: /origin/ })
    expect((await header()).textContent).toBe('origin string')
    const widthBefore = (await header()).style.width
    cleanup()
    renderGrid()
    expect((await header()).textContent).toBe('origin string 33.3% null')
    expect([widthBefore, (await header()).style.width]).toEqual([widthBefore, widthBefore])
  })

  test.each([
    [null, 'the snapshot has too many files to count their nulls'],
    [new AppError('server-unreachable', 'The server did not respond.'), 'The server did not respond.'],
  ])('say why no null share is known: %s', async (nullShares, reason) => {
    renderGrid({ nullShares })
    expect((await screen.findByRole('columnheader', { name: /origin/ })).title).toContain(reason)
  })

  test('open in a panel that Escape closes after a click, and the cell has the focus again', async () => {
    const user = renderGrid()
    await user.click(await screen.findByText('9007199254740993'))
    expect(screen.queryByRole('complementary')).toBeNull()
    await user.keyboard('{Enter}')
    expect(await screen.findByRole('complementary', { name: 'Row 1' })).toBeTruthy()
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull())
    await user.dblClick(screen.getByText('ABQ'))
    const panel = await screen.findByRole('complementary', { name: 'Row 1' })
    const values = within(panel).getByRole('group', { name: 'Values of row 1' })
    expect(values.tabIndex).toBe(0)
    await user.click(within(panel).getByRole('button', { name: 'Close' }))
    await waitFor(() => expect(document.activeElement?.textContent).toBe('ABQ'))
  })

  test('have the open row and the hidden columns in the address', async () => {
    const user = renderGrid({ search: '?open=2&hide=2' })
    expect(await screen.findByRole('complementary', { name: 'Row 2' })).toBeTruthy()
    expect(screen.queryByRole('columnheader', { name: /origin/ })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Close' }))
    await waitFor(() => expect(addressUpdates.at(-1)).toEqual({ search: '?hide=2', history: 'replace' }))
    await user.click(screen.getByRole('rowheader', { name: '3' }))
    await waitFor(() => expect(addressUpdates.at(-1)).toEqual({ search: '?hide=2&open=3', history: 'push' }))
    await user.click(screen.getByRole('button', { name: '2 of 3 columns' }))
    await user.click(await screen.findByRole('button', { name: 'Show all' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe('?open=3'))
    expect(layout.hidden).toEqual([])
  })

  test('have the remembered columns in the address, so that a copied link shows the same', async () => {
    layout = { ...NO_LAYOUT, hidden: ['2'], pinned: ['3'] }
    renderGrid()
    await waitFor(() => expect(addressUpdates.at(-1)).toEqual({ search: '?hide=2&pin=3', history: 'replace' }))
    expect(layout).toEqual({ ...NO_LAYOUT, hidden: ['2'], pinned: ['3'] })
  })

  test('are hidden and pinned as a link says, and not as this user left them', async () => {
    layout = { ...NO_LAYOUT, hidden: ['1'], pinned: ['2'], widths: { 2: 99 } }
    renderGrid({ search: '?pin=3' })
    await screen.findByText('9007199254740993')
    const headers = screen.getAllByRole('columnheader').map(({ textContent }) => textContent.split(' ')[0])
    expect(headers).toEqual(['#', 'leg', 'delay', 'origin'])
    expect(layout).toEqual({ ...NO_LAYOUT, hidden: ['1'], pinned: ['2'], widths: { 2: 99 } })
  })

  test('are ordered and as wide as a link says, and a change is stored for this user alone', async () => {
    layout = { ...NO_LAYOUT, pinned: ['2'] }
    const user = renderGrid({ search: '?order=3&width=1:200,2:99999,x:80' })
    await screen.findByText('9007199254740993')
    const headers = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent.split(' ')[0])
    expect(headers()).toEqual(['#', 'leg', 'delay', 'origin'])
    expect(screen.getByRole('columnheader', { name: /^delay/ }).style.width).toBe('200px')
    await user.click(screen.getByRole('button', { name: '3 columns' }))
    ;(await screen.findByRole('button', { name: 'Move delay' })).focus()
    await user.keyboard('{ArrowUp}')
    expect(headers()).toEqual(['#', 'delay', 'leg', 'origin'])
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe('?order=1,3&width=1:200'))
    expect(layout).toEqual({ ...NO_LAYOUT, order: ['1', '3'], pinned: ['2'] })
    await user.click(screen.getByRole('button', { name: 'Reset' }))
    await waitFor(() => expect(addressUpdates.at(-1)?.search).toBe(''))
    expect(headers()).toEqual(['#', 'delay', 'origin', 'leg'])
    expect(layout).toEqual(NO_LAYOUT)
  })

  test('start at the row in the address, which follows the scrolling', async () => {
    const [file] = PLAN.files
    if (!file) throw new Error('no file')
    const plan = { ...PLAN, rowCount: 5000, files: [{ ...file, recordCount: 5000 }] }
    const user = renderGrid({ search: '?row=1000', plan })
    expect(await screen.findByRole('rowheader', { name: '1,000' })).toBeTruthy()
    expect(screen.queryByRole('rowheader', { name: '1' })).toBeNull()
    await user.click(screen.getByRole('rowheader', { name: '1,001' }))
    await user.keyboard('{PageDown}{PageDown}')
    await waitFor(() => expect(window.location.search).toContain('row=1011'))
    await user.keyboard('{Control>}{Home}{/Control}')
    await waitFor(() => expect(window.location.search).not.toContain('row='))
  })

  test('keep rows in the address out that do not exist', async () => {
    renderGrid({ search: '?row=-5&open=4000000000000&hide=x' })
    expect(await screen.findByRole('rowheader', { name: '1' })).toBeTruthy()
    expect(screen.queryByRole('complementary')).toBeNull()
  })

  test('can be reached by number, and an invalid number shows the valid range', async () => {
    const user = renderGrid()
    await screen.findByText('9007199254740993')
    await user.type(screen.getByLabelText('Go to row'), '9{Enter}')
    expect(screen.getByText('1 to 3')).toBeTruthy()
    await user.clear(screen.getByLabelText('Go to row'))
    await user.type(screen.getByLabelText('Go to row'), '3{Enter}')
    expect(document.activeElement?.closest('[role=row]')?.getAttribute('aria-rowindex')).toBe('4')
  })

  test('that cannot be read show the file and can be retried', async () => {
    isFailing = true
    const user = renderGrid()
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain('A file of the table is missing')
    expect(note.textContent).toContain('00004-7.parquet')
    expect(note.textContent).toContain('r-7')
    isFailing = false
    await user.click(within(note).getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('9007199254740993')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
