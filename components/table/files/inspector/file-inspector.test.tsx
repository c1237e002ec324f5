// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { chooseTimeZone } from '@/lib/time-zone'
import { SAMPLE_DETAIL, renderInTable } from '@/testing/components/render-in-table'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { plainTextPage, sampleTextFile } from '@/testing/parquet/sample-file'
import { InPageWorker } from '@/testing/components/in-page-worker'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from '../files-tab'

const call = stubApi({ others: (...request) => serveFile(...request) })
let serveFile: typeof serveRange

const PATH = 'file:///lake/demo/flights/data/date_month=2001-01/a.parquet'
const MANIFEST = 'file:///lake/demo/flights/metadata/m0.avro'
const ENTRY = {
  file: {
    path: PATH,
    content: 'data',
    format: 'parquet',
    status: 'added',
    manifestPath: MANIFEST,
    recordCount: 1,
    fileSizeBytes: 200,
    sequenceNumber: 3,
    addedSnapshotId: '9007199254740993',
    specId: 0,
    partition: 'date_month=2001-01',
    codec: null,
    plainBytes: null,
    storedBytes: null,
  },
  fileSequenceNumber: 3,
  sortOrderId: null,
  equalityColumns: null,
  splitOffsets: [4],
  referencedDataFile: null,
  firstRowId: null,
  columnCount: 1,
  columns: [
    {
      fieldId: 1,
      name: 'tail',
      type: 'string',
      storedBytes: 9,
      valueCount: 1,
      nullCount: 0,
      nanCount: null,
      lowerBound: 'N101',
      upperBound: 'N999',
    },
  ],
  nextColumnOffset: null,
}

const stored = plainTextPage(5)
const sample = sampleTextFile({ rowCount: 1, codec: 'uncompressed', stored, encodedBytes: stored.length })
const search = `?${new URLSearchParams({ file: PATH, manifest: MANIFEST })}`
const requests: string[] = []
let bytes = sample

/** Serves ranges of the file, as the server does. */
async function serveRange(url: string, init?: RequestInit): Promise<Response> {
  requests.push(url)
  const range = new Headers(init?.headers).get('range') ?? ''
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  const start = from === '' ? Math.max(0, bytes.length - Number(to)) : Number(from)
  const end = from === '' ? bytes.length : Math.min(bytes.length, Number(to) + 1)
  const headers = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }
  return new Response(new Uint8Array(bytes.subarray(start, end)), { status: 206, headers })
}

beforeEach(() => {
  vi.stubGlobal('Worker', InPageWorker)
  requests.length = 0
  bytes = sample
  serveFile = serveRange
  call.mockResolvedValue(ENTRY)
})
afterEach(cleanup)

it('reads the footer of the file in the address, of the shown manifest', async () => {
  renderInTable(<FilesTab />, { search })
  const map = await screen.findByRole('grid', { name: 'Column chunks' })
  expect(within(map).getByRole('gridcell', { name: /^s, row group 0: .* uncompressed, PLAIN/ })).toBeTruthy()
  const url = new URL(requests[0] ?? '', 'http://lake')
  expect(url.pathname).toBe('/api/v1/catalogs/local/namespaces/demo/tables/flights/files/bytes')
  expect(Object.fromEntries(url.searchParams)).toEqual({ file: PATH, manifest: MANIFEST })
})

it('says which parts of its address it does not follow', async () => {
  renderInTable(<FilesTab />, { search: `${search}&view=inside&measure=weight&chunk=9.999` })
  await screen.findByRole('grid', { name: 'Column chunks' })
  const notes = screen.getAllByRole('status').map(({ textContent }) => textContent)
  for (const ignored of ['“inside” in ?view=', '“weight” in ?measure=', '“9.999” in ?chunk='])
    expect(notes).toContainEqual(expect.stringContaining(ignored))
})

const POSITION_FIELDS = [
  { name: 'file_path', type: 'string', 'field-id': 2_147_483_546 },
  { name: 'pos', type: 'long', 'field-id': 2_147_483_545 },
]

/** Opens an Avro file of deletes in the inspector. */
function openDeleteFile(content: Uint8Array, entry: object): void {
  bytes = content
  call.mockResolvedValue({ ...ENTRY, file: { ...ENTRY.file, format: 'avro', ...entry } })
  renderInTable(<FilesTab />, { search: `?${new URLSearchParams({ file: `${PATH}.${crypto.randomUUID()}.avro` })}` })
}

it('opens a column chunk by keyboard, with its statistics and pages', async () => {
  renderInTable(<FilesTab />, { search })
  const map = await screen.findByRole('grid', { name: 'Column chunks' })
  map.focus()
  fireEvent.keyDown(map, { key: 'ArrowDown' })
  fireEvent.keyDown(map, { key: 'Enter' })
  const panel = await screen.findByRole('complementary', { name: 's' })
  expect(panel.textContent).toContain('row group 0, id 1')
  expect(panel.textContent).toContain('none: the writer left them out')
  const pages = await within(panel).findByRole('table', { name: 'Pages' })
  expect(within(pages).getAllByRole('row')[1]?.textContent).toMatch(/^0PLAIN1/)
})

it('names the column of the table by its field id, and marks one that was renamed', async () => {
  const schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'tail', required: false, type: 'string' as const }],
  }
  renderInTable(<FilesTab />, { search: `${search}&view=schema`, detail: { ...SAMPLE_DETAIL, schema } })
  const table = await screen.findByRole('table', { name: 'Schema in the file' })
  const [, row] = within(table).getAllByRole('row')
  expect(
    within(row!)
      .getAllByRole('cell')
      .map(({ textContent }) => textContent),
  ).toEqual(['s', '1', '~ tail', 'required', 'BYTE_ARRAY', 'string'])
})

it('shows what the manifest says of the file, with 64-bit ids in full', async () => {
  renderInTable(<FilesTab />, { search: `${search}&view=entry` })
  expect(await screen.findByText('9007199254740993')).toBeTruthy()
  expect(screen.getByText('N101')).toBeTruthy()
})

it('shows the bounds of instants in the time zone of the user', async () => {
  chooseTimeZone('Europe/Berlin')
  onTestFinished(() => chooseTimeZone(null))
  const [column] = ENTRY.columns
  const bounds = { lowerBound: '2026-06-26 16:03:00+00:00', upperBound: '2026-11-26 16:03:00+00:00' }
  call.mockResolvedValue({ ...ENTRY, columns: [{ ...column, type: 'timestamptz', ...bounds }] })
  renderInTable(<FilesTab />, { search: `${search}&view=entry` })
  expect(await screen.findByText('2026-06-26 18:03:00+02:00')).toBeTruthy()
  expect(screen.getByText('2026-11-26 17:03:00+01:00')).toBeTruthy()
})

it('says why a file cannot be read, and keeps what the manifest says within reach', async () => {
  serveFile = async () =>
    Response.json(
      { code: 'file-missing', title: 'File missing', detail: 'The file is gone.', facts: {} },
      { status: 404 },
    )
  // The worker has the footers of other files in memory.
  renderInTable(<FilesTab />, { search: search.replace('a.parquet', 'gone.parquet') })
  expect(await screen.findByRole('alert')).toBeTruthy()
  expect(screen.getByText('Manifest entry')).toBeTruthy()
})

it('reads nothing of a file that is not Parquet', async () => {
  call.mockResolvedValue({ ...ENTRY, file: { ...ENTRY.file, format: 'orc' } })
  renderInTable(<FilesTab />, { search })
  await waitFor(() => expect(screen.getByText('Entry in the manifest')).toBeTruthy())
  expect(requests).toEqual([])
})

it('lists the positions of a position delete file by data file, with a link to each', async () => {
  const deletes = buildAvroBytes({ type: 'record', name: 'row', fields: POSITION_FIELDS }, [
    [
      { file_path: 's3://lake/data/a.parquet', pos: 4 },
      { file_path: 's3://lake/data/a.parquet', pos: 5 },
      { file_path: 's3://lake/data/b.parquet', pos: 0 },
    ],
  ])
  openDeleteFile(deletes, { content: 'position-deletes', recordCount: 3 })
  const files = await screen.findByRole('grid', { name: 'Data files with deleted rows' })
  expect(within(files).getByRole('link', { name: 'a.parquet' }).getAttribute('href')).toContain(
    'file=s3%3A%2F%2Flake%2Fdata%2Fa.parquet',
  )
  expect(screen.getByText('2 data files, 3 deletes')).toBeTruthy()
  fireEvent.click(within(files).getByText('b.parquet').closest('tr') ?? files)
  expect(await screen.findByText('1 position of b.parquet')).toBeTruthy()
})

it('lists the rows of an equality delete file, with nulls', async () => {
  const fields = [{ name: 'tail', type: ['null', 'string'], 'field-id': 3 }]
  const deletes = buildAvroBytes({ type: 'record', name: 'row', fields }, [
    [{ tail: { branch: 1, value: 'N101' } }, { tail: null }],
  ])
  openDeleteFile(deletes, { content: 'equality-deletes', recordCount: 2 })
  const rows = await screen.findByRole('table', { name: 'Deleted values' })
  expect(
    within(rows)
      .getAllByRole('row')
      .map(({ textContent }) => textContent),
  ).toEqual(['Rowtail', '0N101', '1null'])
})
