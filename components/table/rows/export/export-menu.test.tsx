// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportJob, ExportReply, ExportRequest } from '@/lib/client/rows/export/export-messages'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { render } from '@/testing/components/render'
import { ExportMenu } from './export-menu'
import { type ExportedRows, toExportedSort } from './exported-rows'
import { useRowsExport } from './use-rows-export'

const FIELDS: NestedField[] = [
  { id: 2, name: 'Origin', required: false, type: 'string' },
  { id: 1, name: 'id', required: false, type: 'long' },
]
const ROWS: ExportedRows = {
  table: { catalog: 'local', namespace: ['demo', 'a/b'], table: 'flights' },
  shown: { isCurrent: false, snapshotId: '3051729675574597004', ref: null },
  plan: { snapshotId: '3051729675574597004', defaults: [] as never[] } as unknown as SignedScanPlan,
  fields: FIELDS,
  areAllColumns: false,
  filter: null,
  rowCount: 4,
  sort: null,
}

const DOWN = { isDescending: true, areNullsFirst: false }

/** The worker's reply to each pull; it does not reply after the last. */
let replies: ExportReply[]
let jobs: ExportJob[]
let endedCount: number

class FakeWorker extends EventTarget {
  postMessage(request: ExportRequest): void {
    if (request.kind === 'start') return void jobs.push(request.job)
    const data = replies.shift()
    if (data) queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })))
  }
  terminate(): void {
    endedCount += 1
  }
}

const piece = (text: string, rowCount: number): ExportReply => ({
  kind: 'piece',
  piece: { bytes: new TextEncoder().encode(text), rowCount },
})
const END: ExportReply = { kind: 'piece', piece: null }

let saved: { name: string; text: string }[]
beforeEach(() => {
  replies = []
  jobs = []
  endedCount = 0
  saved = []
  vi.stubGlobal('Worker', FakeWorker)
  const blobs: Blob[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => `blob:${blobs.push(blob as Blob)}`)
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    const name = this.download
    void blobs
      .at(-1)
      ?.text()
      .then((text) => saved.push({ name, text }))
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function Exporter({ rows }: { rows: ExportedRows }) {
  const rowsExport = useRowsExport()
  const { state } = rowsExport
  return (
    <>
      <ExportMenu rows={rows} rowsExport={rowsExport} />
      {state.kind === 'failed' && <p role="alert">{String(state.error)}</p>}
    </>
  )
}

async function openMenu(rows: ExportedRows = ROWS) {
  const { unmount } = render(<Exporter rows={rows} />)
  await userEvent.click(screen.getByRole('button', { name: 'Export' }))
  await screen.findByRole('menuitem', { name: /^CSV/ })
  return unmount
}

const choose = async (name: RegExp) => userEvent.click(await screen.findByRole('menuitem', { name }))

describe('The menu to export rows', () => {
  it('saves the shown columns in their order, in a file named for the table and the snapshot', async () => {
    replies = [piece('Origin,id\r\n', 0), piece('ABQ,1\r\n', 4), END]
    await openMenu()
    await choose(/^CSV/)
    const name = 'demo.a_b.flights-3051729675574597004.csv'
    await waitFor(() => expect(saved).toEqual([{ name, text: 'Origin,id\r\nABQ,1\r\n' }]))
    expect(jobs).toMatchObject([{ format: 'csv', fields: [{ id: 2 }, { id: 1 }] }])
    expect(screen.getByRole('status').textContent).toBe(`Saved ${name}: 4 rows, 18 B.`)
    expect(endedCount).toBe(1)
  })

  it('says that CSV is changed for spreadsheets', async () => {
    await openMenu()
    expect(screen.getByRole('menuitem', { name: /^CSV/ }).textContent).toContain("prefixed with '")
  })

  it('shows how far the export is, and cancels it without a file', async () => {
    replies = [piece('x', 3)]
    await openMenu()
    await choose(/^JSON/)
    await userEvent.click(await screen.findByRole('button', { name: 'Exporting…' }))
    expect((await screen.findByText(/3 of 4 rows/)).textContent).toContain('JSON lines: 3 of 4 rows, 1 B.')
    expect(screen.getByRole('progressbar', { name: 'Export as JSON lines' }).getAttribute('aria-valuenow')).toBe('75')
    await choose(/^Cancel/)
    await screen.findByRole('button', { name: 'Export' })
    expect([saved, endedCount, screen.queryByRole('alert')]).toEqual([[], 1, null])
  })

  it('reports a failure, and saves nothing', async () => {
    const error = { code: 'file-damaged', message: 'a.parquet is damaged', facts: {}, requestId: null } as const
    replies = [piece('x', 1), { kind: 'failed', error }]
    await openMenu()
    await choose(/^Arrow/)
    expect((await screen.findByRole('alert')).textContent).toContain('a.parquet is damaged')
    expect(saved).toEqual([])
  })

  it('ends the export with the page', async () => {
    replies = [piece('x', 1)]
    const unmount = await openMenu()
    await choose(/^CSV/)
    await screen.findByRole('button', { name: 'Exporting…' })
    unmount()
    await waitFor(() => expect(endedCount).toBe(1))
    expect(saved).toEqual([])
  })

  it('saves nothing when the user closes the dialog of the browser', async () => {
    const picker = vi.fn(() => Promise.reject(new DOMException('closed', 'AbortError')))
    vi.stubGlobal('showSaveFilePicker', picker)
    await openMenu()
    await choose(/^CSV/)
    await waitFor(() => expect(picker).toHaveBeenCalledWith({ suggestedName: expect.stringMatching(/csv$/) }))
    await screen.findByRole('button', { name: 'Export' })
    expect(jobs).toEqual([])
  })

  it('writes to the file that the user chose, as the rows arrive', async () => {
    replies = [piece('a', 1), piece('b', 1), END]
    const written: string[] = []
    const stream = {
      write: async (bytes: Uint8Array) => void written.push(new TextDecoder().decode(bytes)),
      close: async () => void written.push('closed'),
    }
    vi.stubGlobal('showSaveFilePicker', async () => ({ createWritable: async () => stream }))
    await openMenu()
    await choose(/^CSV/)
    await waitFor(() => expect(written).toEqual(['a', 'b', 'closed']))
    expect(saved).toEqual([])
  })

  it('copies the SQL of the shown columns and version, and links to Query with it', async () => {
    const user = userEvent.setup()
    render(<Exporter rows={ROWS} />)
    await user.click(screen.getByRole('button', { name: 'Export' }))
    const sql = 'select "Origin", id\nfrom local.demo."a/b".flights for version as of 3051729675574597004'
    const link = await screen.findByRole('menuitem', { name: 'Open in Query' })
    expect(link.getAttribute('href')).toBe(`/query?${new URLSearchParams({ sql })}`)
    await user.click(screen.getByRole('menuitem', { name: 'Copy as SQL' }))
    expect(await navigator.clipboard.readText()).toBe(sql)
    expect(await screen.findByText('The SQL was copied.')).not.toBeNull()
  })

  it('selects and saves only the rows that pass the filter', async () => {
    replies = [piece('x', 1), END]
    const filter = { where: '{"type":"eq","term":{"type":"reference","id":1},"value":7}', fields: FIELDS }
    await openMenu({ ...ROWS, filter, rowCount: null })
    const href = screen.getByRole('menuitem', { name: 'Open in Query' }).getAttribute('href') ?? ''
    expect(new URLSearchParams(href.split('?')[1]).get('sql')).toMatch(/\nwhere id = 7$/)
    await choose(/^CSV/)
    await waitFor(() => expect(saved).toHaveLength(1))
    expect(jobs).toMatchObject([{ filter: { where: filter.where } }])
  })

  it('saves and selects the rows as they are sorted', async () => {
    replies = [piece('x', 1), END]
    const sort = toExportedSort(FIELDS[0] as NestedField, DOWN, {
      sortedRows: Uint32Array.of(2, 0, 1),
      showsDeleted: false,
    })
    await openMenu({ ...ROWS, sort })
    expect(screen.getByRole('menu').textContent).toContain('Keeps the current sort by Origin.')
    const href = screen.getByRole('menuitem', { name: 'Open in Query' }).getAttribute('href') ?? ''
    expect(new URLSearchParams(href.split('?')[1]).get('sql')).toMatch(/\norder by "Origin" desc nulls last$/)
    await choose(/^CSV/)
    await waitFor(() => expect(saved).toHaveLength(1))
    expect(jobs).toMatchObject([{ order: Uint32Array.of(2, 0, 1) }])
  })

  it.each([
    ['the rows are not sorted yet', { sortedRows: null, showsDeleted: false }],
    ['deleted rows are shown, but not saved', { sortedRows: Uint32Array.of(0), showsDeleted: true }],
    ['more than 500,000 rows are not saved sorted', { sortedRows: new Uint32Array(500_001), showsDeleted: false }],
  ])('says that rows are saved in the order of their files because %s', async (problem, shown) => {
    replies = [piece('x', 1), END]
    await openMenu({ ...ROWS, sort: toExportedSort(FIELDS[0] as NestedField, DOWN, shown) })
    const text = `Keeps the order of the files: ${problem}.`
    expect(screen.getByRole('menu').textContent).toContain(text)
    await choose(/^CSV/)
    await waitFor(() => expect(saved).toHaveLength(1))
    expect(jobs).toMatchObject([{ order: null }])
  })

  it('offers nothing without columns', async () => {
    await openMenu({ ...ROWS, fields: [] })
    const items = screen.getAllByRole('menuitem')
    expect(items.every((item) => item.hasAttribute('data-disabled'))).toBe(true)
  })
})
