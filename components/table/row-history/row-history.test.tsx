// @vitest-environment happy-dom
import { listedSnapshot, UNFILTERED } from '@/testing/components/sample-snapshot'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as rowVersions from '@/lib/client/comparison/read-row-versions'
import { listSnapshots, type Snapshot } from '@/lib/contract/table/snapshots'
import { getTableLayouts } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-value'
import { renderInTable, SAMPLE_DETAIL } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { RowHistory } from './row-history'

const call = stubApi()
const readMatchingRows = vi.fn()
const push = vi.fn()

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'status', required: false, type: 'string' },
  { id: 3, name: 'seen', required: false, type: 'timestamptz' },
]
const toSnapshot = (number: number): Snapshot =>
  listedSnapshot({
    snapshotId: String(number),
    parentSnapshotId: number === 1 ? null : String(number - 1),
    sequenceNumber: number,
    committedAtMs: 1_000 * number,
    operation: 'overwrite',
    writer: `writer-${number}`,
  })

/** The table's metadata: `status` was first named `state`, and `note` was dropped. */
function metadataText(): string {
  const earlier: NestedField[] = [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'state', required: false, type: 'string' },
    { id: 4, name: 'note', required: false, type: 'string' },
  ]
  const sample = sampleMetadata()
  return writeTableMetadata({
    ...sample,
    schemas: [earlier, FIELDS].map((fields, schemaId) => ({ schemaId, identifierFieldIds: [], fields })),
    currentSchemaId: 1,
    lastColumnId: 4,
    partitionSpecs: [{ specId: sample.defaultSpecId, fields: [] }],
    sortOrders: [{ orderId: 0, fields: [] }],
    defaultSortOrderId: 0,
  })
}

let count = 4
/** The status of the row at a snapshot; undefined if there is no such row. */
let statusAt: (snapshot: number) => string | null | undefined
beforeEach(() => {
  // The grid draws what fits into its frame.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1600)
  vi.spyOn(rowVersions, 'readMatchingRows').mockImplementation(readMatchingRows)
  count = 4
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getTableLayouts) return { metadata: metadataText(), schemaUses: [] }
    if (endpoint !== listSnapshots) throw new Error('unexpected call')
    const snapshots = Array.from({ length: count }, (_, i) => toSnapshot(count - i))
    return { mainSnapshotId: String(count), totalCount: count, ...UNFILTERED, snapshots, nextOffset: null }
  })
  readMatchingRows.mockImplementation(
    async ({ snapshotId }: { snapshotId: string }): Promise<rowVersions.MatchingRows> => {
      const status = statusAt(Number(snapshotId))
      const row = new Map<number, RowValue | null>([
        [1, 42n],
        [2, status ?? null],
        [3, null],
      ])
      return { rows: status === undefined ? [] : [row], filesKey: null, bytesRead: 100, filesRead: 1 }
    },
  )
})
afterEach(() => {
  cleanup()
  readMatchingRows.mockReset()
  push.mockReset()
  vi.restoreAllMocks()
})

function show(search = '?row=id = 42', onUrlUpdate?: OnUrlUpdateFunction) {
  const detail = {
    ...SAMPLE_DETAIL,
    schema: { schemaId: 0, identifierFieldIds: [1], fields: FIELDS },
    refs: [{ name: 'main', type: 'branch' as const, snapshotId: String(count) }],
  }
  renderInTable(<RowHistory />, { detail, search, router: { push }, ...(onUrlUpdate && { onUrlUpdate }) })
}

/** The rows of the grid, without its header. */
const versions = () => screen.getAllByRole('row').slice(1)

describe('The history of a row', () => {
  it('shows the instant of a time without an offset in its condition', async () => {
    statusAt = () => 'automatic'
    show('?row=seen = "2026-11-23 00:35"')
    expect(await screen.findByText('seen = "2026-11-23 00:35:00+00:00"')).toBeTruthy()
  })

  it('has what each commit did to it, the newest first, and who committed', async () => {
    statusAt = (snapshot) => [undefined, undefined, 'automatic', 'automatic', 'reviewed'][snapshot]
    show()
    expect(await screen.findByText('1 current row matches.')).toBeTruthy()
    await waitFor(() => expect(versions()).toHaveLength(2))
    const [changed, added] = versions()
    if (!changed || !added) throw new Error('there are no entries')
    expect(changed.textContent).toContain('writer-4')
    expect(within(changed).getByText('automatic').tagName).toBe('DEL')
    expect(within(changed).getByText('reviewed').tagName).toBe('INS')
    expect(added.textContent).toContain('writer-2')
    expect(within(added).getByText('added')).toBeTruthy()
    // The column that changed is before the others.
    const [status, id] = [/status/, /^id/].map((name) => screen.getByRole('columnheader', { name }))
    expect(status?.compareDocumentPosition(id as Node)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
    await userEvent.click(within(changed).getByText('4', { selector: '[data-column]' }))
    expect(decodeURIComponent(push.mock.calls[0]?.[0])).toContain('compare?before=snapshot:3&after=snapshot:4')
    expect(readMatchingRows.mock.calls[0]?.[0]).toMatchObject({ where: expect.stringContaining('"eq"') })
  })

  it('finds a column under the name that it had before', async () => {
    statusAt = () => 'automatic'
    show('?row=state = "automatic"')
    expect(await screen.findByText('1 current row matches.')).toBeTruthy()
    const [{ where }] = readMatchingRows.mock.calls[0] as [{ where: string }]
    expect(JSON.parse(where)).toMatchObject({ type: 'eq', term: { id: 2 }, value: 'automatic' })
  })

  it('says that a column of its condition was dropped', async () => {
    statusAt = () => 'automatic'
    show('?row=note = "x" and id = 42')
    expect((await screen.findByRole('alert')).textContent).toContain('The table no longer has the column note.')
    expect(readMatchingRows).not.toHaveBeenCalled()
  })

  it('begins with the first snapshot of the table', async () => {
    statusAt = () => 'automatic'
    show()
    await waitFor(() => expect(versions()).toHaveLength(1))
    expect(versions()[0]?.textContent).toContain('writer-1')
  })

  it('reads some snapshots, and older ones when they are asked for', async () => {
    count = 30
    statusAt = (snapshot) => (snapshot < 5 ? 'automatic' : 'reviewed')
    show()
    expect(await screen.findByText(/No commit changed the row in the last 20 snapshots/)).toBeTruthy()
    expect(readMatchingRows).toHaveBeenCalledTimes(20)
    await userEvent.click(screen.getByRole('button', { name: 'Older…' }))
    await waitFor(() => expect(versions()).toHaveLength(2))
    expect(readMatchingRows).toHaveBeenCalledTimes(30)
    expect(screen.queryByRole('button', { name: 'Older…' })).toBeNull()
  })

  it('says at which snapshot it could not be read, and keeps what is known', async () => {
    statusAt = (snapshot) => {
      if (snapshot === 2) throw new AppError('file-missing', 'The file is gone.')
      return snapshot === 4 ? 'reviewed' : 'automatic'
    }
    show()
    const note = await screen.findByRole('alert')
    expect(note.textContent).toContain('at snapshot 2')
    expect(note.textContent).toContain('The file is gone.')
    expect(versions()).toHaveLength(1)
  })

  it('reads conditions as Data does, with the ids of the columns', async () => {
    statusAt = () => 'automatic'
    show(`?row=${encodeURIComponent("id = 9007199254740993 and status = 'it''s new'")}`)
    await waitFor(() => expect(readMatchingRows).toHaveBeenCalled())
    expect(JSON.parse(readMatchingRows.mock.calls[0]?.[0].where.replace('9007199254740993', '"exact"'))).toEqual({
      type: 'and',
      left: { type: 'eq', term: { type: 'reference', id: 1 }, value: 'exact' },
      right: { type: 'eq', term: { type: 'reference', id: 2 }, value: "it's new" },
    })
  })

  it('names the column of a condition that the table does not have, before it reads a snapshot', async () => {
    statusAt = () => 'automatic'
    show("?row=id = 42 and city = 'x'")
    expect((await screen.findByRole('alert')).textContent).toContain('city')
    expect(readMatchingRows).not.toHaveBeenCalled()
  })

  it('asks first for a condition that one row meets, when many match', async () => {
    statusAt = () => 'automatic'
    const hint = 'Choose a condition that only one row meets'
    readMatchingRows.mockRejectedValue(new AppError('too-large', 'More than 20 rows match.', { facts: { hint } }))
    show('?row=id > 5')
    const [first, ...others] = [...(await screen.findByRole('alert')).querySelectorAll('p')]
    expect(first?.textContent).toBe(hint)
    expect(others.map(({ textContent }) => textContent)).toEqual([expect.stringMatching(/More than 20 rows match\.$/)])
  })

  it('says that a condition cannot be read', async () => {
    statusAt = () => 'automatic'
    show('?row=id =')
    expect((await screen.findByRole('alert')).textContent).not.toBe('')
    expect(readMatchingRows).not.toHaveBeenCalled()
  })

  it('is that of the branch which is chosen, also without one', async () => {
    statusAt = () => 'automatic'
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    const refs = [
      { name: 'main', type: 'branch' as const, snapshotId: '4' },
      { name: 'audit', type: 'branch' as const, snapshotId: '2' },
      { name: 'q1', type: 'tag' as const, snapshotId: '1' },
    ]
    renderInTable(<RowHistory />, { detail: { ...SAMPLE_DETAIL, refs }, search: '?row=id = 42', onUrlUpdate })
    await userEvent.click(await screen.findByRole('button', { name: 'Branch: main' }))
    expect((await screen.findAllByRole('menuitemradio')).map(({ textContent }) => textContent)).toEqual([
      'main',
      'audit',
    ])
    await userEvent.click(screen.getByRole('menuitemradio', { name: 'audit' }))
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].queryString).toContain('branch=audit'))
    await waitFor(() => expect(call.mock.calls.at(-1)?.[1]).toMatchObject({ upTo: '2' }))
    cleanup()
    renderInTable(<RowHistory />, { detail: { ...SAMPLE_DETAIL, refs }, search: '?row=id = 42&branch=q1' })
    expect(await screen.findByText('The table has no snapshot on q1.')).toBeTruthy()
  })

  it('begins a condition with an identifier field', async () => {
    statusAt = () => 'automatic'
    show('')
    expect(screen.queryByRole('button', { name: 'status = …' })).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'id = …' }))
    const condition = screen.getByRole<HTMLInputElement>('textbox', { name: 'The row where' })
    expect(condition.value).toBe('id = ')
    expect(document.activeElement).toBe(condition)
  })

  it('has the condition in the address', async () => {
    statusAt = () => 'automatic'
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    show('', onUrlUpdate)
    await userEvent.type(screen.getByRole('textbox', { name: 'The row where' }), 'id = 7{Enter}')
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].searchParams.get('row')).toBe('id = 7'))
  })
})
