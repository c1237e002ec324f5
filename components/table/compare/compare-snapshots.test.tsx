// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ComparisonReply, ComparisonRequest } from '@/lib/client/comparison/comparison-messages'
import type { SerializedError } from '@/lib/client/rows/serialized-error'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { AppError } from '@/lib/errors'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { CellValue } from '@/lib/scan/compare/change-summary'
import type { ComparisonResult } from '@/lib/scan/compare/snapshot-comparison'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { CompareSnapshots } from './compare-snapshots'
// Loaded when it is needed: here before a test waits for it.
import './comparison-results'

const call = stubApi()
const push = vi.fn()

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'status', required: false, type: 'string' },
  { id: 3, name: 'place', required: false, type: 'string' },
]
const side = (snapshotId: string): SnapshotComparison['before'] => ({
  token: `t${snapshotId}`,
  expiresAtMs: 0,
  snapshotId,
  committedAtMs: 1_000,
  schema: { schemaId: 0, identifierFieldIds: [1], fields: FIELDS },
  defaults: [],
  rowCount: 30,
  fileCount: 4,
  deleteFileCount: 0,
  deleteBytes: 0,
  totalBytes: 4_000,
  nameMapping: null,
  files: [],
  deleteFiles: [],
  differing: { fileCount: 1, rowCount: 10, bytes: 1_000 },
  nextFile: null,
  operation: 'overwrite',
  commitCount: snapshotId === '13' ? 1 : null,
})
const PLAN: SnapshotComparison = {
  before: side('12'),
  after: side('13'),
  shared: { fileCount: 3 },
  redeletedFileCount: 0,
  properties: [{ name: 'comment', before: null, after: 'new' }],
  propertiesProblem: null,
  layout: [],
  sharesMetadata: false,
  unknownSides: [],
  layoutFiles: { specs: [], orders: [] },
  layoutFilesProblem: null,
}
const RESULT: ComparisonResult = {
  inCount: 1,
  outCount: 1,
  changedCount: 1,
  sameCount: 7,
  repeatedKeyCount: 0,
  columns: [
    {
      fieldId: 2,
      changedCount: 1,
      countsAll: true,
      commonChanges: [{ before: 'automatic', after: 'reviewed', rowCount: 1 }],
    },
    { fieldId: 3, changedCount: 0, countsAll: true, commonChanges: [] },
  ],
}
const COST = { bytesRead: 900, requests: 2, filesRead: 2, sizeMismatches: [] }
const requests: ComparisonRequest[] = []
let result = RESULT
const COMMENTS = {
  before: ['automatic', undefined, 'gone'] as (string | undefined)[],
  after: ['reviewed', 'new', undefined] as (string | undefined)[],
}
let comments = COMMENTS
let answers = true
let failure: SerializedError | null = null

class FakeWorker extends EventTarget {
  postMessage(request: ComparisonRequest) {
    requests.push(request)
    if (!answers) return
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: replyTo(request) })))
  }
  terminate() {
    requests.push({ kind: 'read', id: -1, filter: 'all', from: 0, to: 0 })
  }
}

function replyTo(request: ComparisonRequest): ComparisonReply {
  if (failure !== null) return { kind: 'failed', id: null, error: failure }
  if (request.kind === 'compare') return { kind: 'compared', result, cost: COST, elapsedMs: 94 }
  return {
    kind: 'rows',
    id: request.id,
    rows: {
      kinds: ['changed', 'in', 'out'],
      before: new Map<string, readonly CellValue[]>([
        ['1', [1n, undefined, 3n]],
        ['2', comments.before],
      ]),
      after: new Map<string, readonly CellValue[]>([
        ['1', [1n, 2n, undefined]],
        ['2', comments.after],
      ]),
      isChanged: new Map([['2', [true, false, false]]]),
    },
  }
}

beforeEach(() => {
  vi.stubGlobal('Worker', FakeWorker)
  // The grid draws what fits into its frame.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1200)
  call.mockResolvedValue(PLAN)
  result = RESULT
  comments = COMMENTS
  answers = true
  failure = null
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  requests.length = 0
})

describe('The comparison of two snapshots', () => {
  it('is that of the last commit by the identifier field, with what changed and what was not read', async () => {
    renderInTable(<CompareSnapshots />)
    const figures = await screen.findByLabelText('What changed', { selector: 'dl' })
    expect(call.mock.calls[0]?.[1]).toMatchObject({ before: { snapshot: '12' }, after: { ref: 'main' } })
    expect(requests[0]).toMatchObject({ kind: 'compare', keyIds: [1] })
    expect(figures.textContent).toContain('Rows added+1')
    expect(figures.textContent).toContain('7 unchanged, excluding shared files')
    const footer = screen.getByText('3 shared files skipped').parentElement
    // Three files of both sides, and one of each.
    expect(footer?.textContent).toContain('of 5 files read')
    expect(footer?.textContent).toContain('of 4.88 KiB')
    expect(screen.getByText('comment').closest('li')?.textContent).toContain('not set new')
    const grid = screen.getByRole('grid', { name: 'Rows that differ' })
    expect(grid.getAttribute('aria-rowcount')).toBe('4')
    // The column without changes is left out.
    expect(within(grid).queryByRole('columnheader', { name: /place/ })).toBeNull()
  })

  it('has the layout that changed, and the files of each spec and order', async () => {
    call.mockResolvedValue({
      ...PLAN,
      layout: [
        { name: 'partition spec id', before: '0', after: '1' },
        { name: 'partition field day', before: null, after: 'day(at), id 1000' },
      ],
      layoutFiles: {
        specs: [
          { id: 0, label: '', before: { fileCount: 120, bytes: 2048 }, after: { fileCount: 40, bytes: 1024 } },
          { id: 1, label: 'day(at)', before: { fileCount: 0, bytes: 0 }, after: { fileCount: 80, bytes: 1024 } },
        ],
        orders: [
          { id: null, label: null, before: { fileCount: 3, bytes: 1024 }, after: { fileCount: 3, bytes: 1024 } },
        ],
      },
    })
    renderInTable(<CompareSnapshots />)
    const files = await screen.findByRole('list', { name: 'Data files by layout' })
    expect(
      within(files)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      'spec 0 unpartitioned: 120 → 40 files, 2.00 KiB → 1.00 KiB',
      'spec 1 day(at): 0 → 80 files, 0 B → 1.00 KiB',
      'no sort order recorded: 3 files, 1.00 KiB',
    ])
    expect(screen.getByText('partition spec id').closest('li')?.textContent).toContain('0 1')
    expect(screen.getByText('partition field day').closest('li')?.textContent).toBe(
      '+ addedpartition field day day(at), id 1000',
    )
  })

  it('says for which snapshot the layout is not known, and that the files are too many to count', async () => {
    const unknown = { properties: null, propertiesProblem: 'It is gone.', layout: null, layoutFiles: null }
    const layoutFilesProblem = 'A snapshot has more than 5,000 data files.'
    call.mockResolvedValue({ ...PLAN, ...unknown, layoutFilesProblem, unknownSides: ['before'] })
    renderInTable(<CompareSnapshots />)
    expect((await screen.findByText(/They are not known for/)).textContent).toContain(
      'the snapshot before. It is gone.',
    )
    expect(screen.getByText('Not counted. A snapshot has more than 5,000 data files.')).toBeTruthy()
  })

  it('says that nothing around the rows changed, and that two refs share the current layout', async () => {
    call.mockResolvedValue({ ...PLAN, properties: [], sharesMetadata: true })
    renderInTable(<CompareSnapshots />)
    const heading = await screen.findByRole('heading', { name: 'Schema, layout and properties' })
    expect(heading.parentElement?.textContent).toContain(
      'The same on both sides.Both sides have the table’s current partition spec, sort order and properties.',
    )
  })

  it('opens JSON in a text as a tree, of a changed row in both snapshots', async () => {
    comments = { before: ['{"state": "draft"}', undefined, 'gone'], after: ['{"state": "done"}', 'new', undefined] }
    renderInTable(<CompareSnapshots />)
    fireEvent.contextMenu(await screen.findByText('raft', { selector: 'del' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Open as a tree' }))
    const snapshots = await screen.findByRole('radiogroup', { name: 'Snapshot' })
    expect(screen.getByRole('treeitem').textContent).toContain('done')
    await userEvent.click(within(snapshots).getByRole('radio', { name: 'Before' }))
    expect(screen.getByRole('treeitem').textContent).toContain('draft')
  })

  it('leads to the history of a row by its key', async () => {
    renderInTable(<CompareSnapshots />, { router: { push } })
    const cell = await screen.findByRole('gridcell', { name: '~' })
    await userEvent.click(cell)
    expect(push).toHaveBeenCalledWith('/catalogs/local/namespaces/demo/tables/flights/snapshots/row?row=id+%3D+1')
  })

  it('lists the commonest changes of the chosen column, which is in the address', async () => {
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    renderInTable(<CompareSnapshots />, { onUrlUpdate })
    const panel = await screen.findByRole('complementary', { name: /What changed/ })
    await userEvent.click(within(panel).getByRole('button', { name: /status/ }))
    expect(await within(panel).findByText('reviewed')).toBeTruthy()
    expect(within(panel).getByText('automatic').tagName).toBe('DEL')
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].queryString).toContain('column=2'))
  })

  it('without a key says why no row is a changed one', async () => {
    result = { ...RESULT, changedCount: 0, columns: [] }
    renderInTable(<CompareSnapshots />, { search: '?key=none' })
    expect(await screen.findByText(/Without a key, rows are only added or removed/)).toBeTruthy()
    expect(requests[0]).toMatchObject({ keyIds: [] })
    // The identifier field is offered, and first in the list of columns.
    await userEvent.click(screen.getByRole('button', { name: /^Key: none/ }))
    const dialog = await screen.findByRole('dialog', { name: 'Key' })
    const [first] = within(dialog).getAllByRole<HTMLInputElement>('checkbox')
    expect(first?.closest('li')?.textContent).toContain('identifier field')
    expect(first?.checked).toBe(true)
    await userEvent.keyboard('{Escape}')
    await userEvent.click(screen.getByRole('button', { name: 'Use id as key' }))
    await waitFor(() => expect(requests.findLast(({ kind }) => kind === 'compare')).toMatchObject({ keyIds: [1] }))
  })

  it('without a row in both says which files it compared', async () => {
    result = { ...RESULT, changedCount: 0, sameCount: 0, columns: [] }
    renderInTable(<CompareSnapshots />)
    expect(await screen.findByText('only files that differ were compared')).toBeTruthy()
  })

  it('counts a file that only got deletes as neither added nor removed', async () => {
    call.mockResolvedValue({ ...PLAN, redeletedFileCount: 1 })
    renderInTable(<CompareSnapshots />)
    const figures = await screen.findByLabelText('What changed', { selector: 'dl' })
    expect(figures.textContent).toContain('Data files+0 −03 files shared, 1 with other deletes')
  })

  it('says how many keys are repeated', async () => {
    result = { ...RESULT, repeatedKeyCount: 2 }
    renderInTable(<CompareSnapshots />)
    expect(await screen.findByText(/2 keys are in more than one row/)).toBeTruthy()
  })

  it('asks before it reads many bytes, and can be cancelled', async () => {
    answers = false
    const large = { fileCount: 900, rowCount: 3_000_000, bytes: 90_000_000 }
    call.mockResolvedValue({ ...PLAN, after: { ...PLAN.after, differing: large } })
    renderInTable(<CompareSnapshots />)
    const start = await screen.findByRole('button', { name: /^Read .* and compare$/ })
    expect(screen.getByRole('status').firstChild?.textContent).toBe(
      'This comparison has to read 85.8 MiB: the snapshots differ in 901 files with up to 3,000,010 rows. Choose snapshots that are closer together to read less.',
    )
    expect(requests).toEqual([])
    await userEvent.click(start)
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(await screen.findByText(/The comparison was cancelled/)).toBeTruthy()
    expect(requests).toHaveLength(2)
  })

  it('refuses more rows than it can compare, and says what helps', async () => {
    const large = { fileCount: 900, rowCount: 5_000_000, bytes: 90_000_000 }
    call.mockResolvedValue({ ...PLAN, after: { ...PLAN.after, differing: large } })
    renderInTable(<CompareSnapshots />)
    await userEvent.click(await screen.findByRole('button', { name: /^Read .* and compare$/ }))
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain('at most 4000000 can be compared')
    expect(note.textContent).toContain('closer together')
  })

  it('can be repeated after the worker failed, and another key chosen', async () => {
    failure = { code: 'file-missing', message: 'The file is gone.', facts: {}, requestId: null }
    renderInTable(<CompareSnapshots />)
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain('The file is gone.')
    expect(screen.getByRole('button', { name: /^Key: id/ })).toBeTruthy()
    failure = null
    await userEvent.click(within(note).getByRole('button', { name: /again|Retry/i }))
    expect(await screen.findByRole('grid', { name: 'Rows that differ' })).toBeTruthy()
  })

  it('shows why it failed', async () => {
    call.mockRejectedValue(new AppError('file-missing', 'The manifest is gone.'))
    renderInTable(<CompareSnapshots />)
    expect((await screen.findByRole('alert')).textContent).toContain('The manifest is gone.')
  })

  it('explains an address that cannot be read', async () => {
    renderInTable(<CompareSnapshots />, { search: '?before=yesterday' })
    expect((await screen.findByRole('alert')).textContent).toContain('“yesterday” is not a state of the table')
    expect(call).not.toHaveBeenCalled()
  })

  it('says which parts of its address it ignores', async () => {
    renderInTable(<CompareSnapshots />, { search: '?key=zz&compare=1,zz&column=zz&show=zz&columns=zz' })
    expect(
      await screen.findByText('“zz” in ?key= is not a list of column ids. Its other parts are the key.'),
    ).toBeTruthy()
    expect(
      screen.getByText('“1,zz” in ?compare= is not a list of column ids. Its other parts are compared.'),
    ).toBeTruthy()
    expect(screen.getByText('“zz” in ?column= is not the id of a column. All changes are listed.')).toBeTruthy()
    expect(screen.getByText(/^“zz” in \?show= is none of .* All rows are listed\.$/)).toBeTruthy()
    expect(
      screen.getByText('“zz” in ?columns= is neither true nor false. Columns without changes are hidden.'),
    ).toBeTruthy()
  })

  it('has nothing to compare in a table with one snapshot', async () => {
    renderInTable(<CompareSnapshots />, { detail: { ...SAMPLE_DETAIL, timeline: SAMPLE_DETAIL.timeline.slice(0, 1) } })
    expect(await screen.findByText('The table has no two snapshots to compare yet.')).toBeTruthy()
  })

  it('compares the chosen columns, which are in the address', async () => {
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    renderInTable(<CompareSnapshots />, { onUrlUpdate })
    await userEvent.click(await screen.findByRole('button', { name: 'Compared columns: all columns' }))
    const dialog = await screen.findByRole('dialog', { name: 'Compared columns' })
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /status/ }))
    await userEvent.click(within(dialog).getByRole('button', { name: 'Compare this column' }))
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].queryString).toContain('compare=2'))
    const last = () => requests.findLast(({ kind }) => kind === 'compare')
    await waitFor(() => expect(last()).toMatchObject({ keyIds: [1], comparedIds: [2] }))
    expect(await screen.findByRole('button', { name: 'Compared columns: 1 of 3 columns' })).toBeTruthy()
  })

  it('compares only rows that match the filter of the address, and says so', async () => {
    const schema = { schemaId: 0, identifierFieldIds: [1], fields: FIELDS }
    renderInTable(<CompareSnapshots />, {
      detail: { ...SAMPLE_DETAIL, schema },
      search: `?${new URLSearchParams({ where: 'status = "open"' })}`,
    })
    expect(await screen.findByText(/Only rows that match these filters are compared/)).toBeTruthy()
    const where = '{"type":"eq","term":{"type":"reference","id":2},"value":"open"}'
    expect(call.mock.calls.at(-1)?.[1]).toMatchObject({ where })
    expect(requests[0]).toMatchObject({ kind: 'compare', where })
    expect(await screen.findByText("status = 'open'")).toBeTruthy()
  })

  it('compares nothing with a filter that the table does not understand', async () => {
    const layouts = { metadata: writeTableMetadata(sampleMetadata()), schemaUses: [] }
    call.mockImplementation(async ({ path }: Endpoint) => (path.endsWith('/layouts') ? layouts : PLAN))
    renderInTable(<CompareSnapshots />, { search: `?${new URLSearchParams({ where: 'speed > 3' })}` })
    expect((await screen.findByRole('alert')).textContent).toContain('The table has no column speed.')
    expect(call.mock.calls.filter(([{ path }]) => !path.endsWith('/layouts'))).toEqual([])
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(await screen.findByLabelText('What changed', { selector: 'dl' })).toBeTruthy()
  })

  it('compares states of other branches, and tags', async () => {
    const refs = [...SAMPLE_DETAIL.refs, { name: 'audit', type: 'branch' as const, snapshotId: '12' }]
    renderInTable(<CompareSnapshots />, {
      detail: { ...SAMPLE_DETAIL, refs },
      search: '?before=ref:q1&after=ref:audit',
    })
    await screen.findByLabelText('What changed', { selector: 'dl' })
    expect(call.mock.calls[0]?.[1]).toMatchObject({ before: { ref: 'q1' }, after: { ref: 'audit' } })
    await userEvent.click(screen.getByRole('button', { name: /^After: audit/ }))
    const dialog = await screen.findByRole('dialog', { name: 'After' })
    expect(within(dialog).getByRole('button', { name: /^tag q1/ })).toBeTruthy()
  })

  it('chooses another key, which is in the address', async () => {
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    renderInTable(<CompareSnapshots />, { onUrlUpdate })
    await userEvent.click(await screen.findByRole('button', { name: /^Key: id/ }))
    const dialog = await screen.findByRole('dialog', { name: 'Key' })
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /place/ }))
    await userEvent.click(within(dialog).getByRole('button', { name: 'Use as key' }))
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].queryString).toContain('key=1,3'))
  })
})
