// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { crc32 } from '@/lib/parquet/crc32'
import { InPageWorker } from '@/testing/components/in-page-worker'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from '../files-tab'

const call = stubApi({
  others: async (_url, init) => {
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? []
    const start = from === '' ? bytes.length - Number(to) : Number(from)
    const end = from === '' ? bytes.length : Number(to) + 1
    const headers = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }
    return new Response(new Uint8Array(bytes.subarray(start, end)), { status: 206, headers })
  },
})

const PATH = 'file:///lake/demo/flights/data/deletes.puffin'

/** A deletion vector of the positions 0, 1, 5 and 4,095 as CRoaring (pyroaring 1.2.0) writes it. */
function deletionVector(): Uint8Array {
  const bitmap = Uint8Array.from(atob('AQAAAAAAAAAAAAAAOjAAAAEAAAAAAAMAEAAAAAAAAQAFAP8P'), (char) => char.charCodeAt(0))
  const blob = new Uint8Array(bitmap.length + 12)
  const view = new DataView(blob.buffer)
  view.setUint32(0, bitmap.length + 4)
  view.setUint32(4, 0xd1d33964)
  blob.set(bitmap, 8)
  view.setUint32(blob.length - 4, crc32(blob.subarray(4, -4)))
  return blob
}

function puffinFile(blob: Uint8Array): Uint8Array {
  const magic = new TextEncoder().encode('PFA1')
  const payload = new TextEncoder().encode(
    JSON.stringify({
      blobs: [
        {
          type: 'deletion-vector-v1',
          fields: [],
          'snapshot-id': -1,
          'sequence-number': -1,
          offset: 4,
          length: blob.length,
          properties: { 'referenced-data-file': 'a.parquet', cardinality: '4' },
        },
      ],
    }),
  )
  const sizeAndFlags = new Uint8Array(Int32Array.of(payload.length, 0).buffer)
  return Uint8Array.from([...magic, ...blob, ...magic, ...payload, ...sizeAndFlags, ...magic])
}

let bytes: Uint8Array
beforeEach(() => {
  vi.stubGlobal('Worker', InPageWorker)
  bytes = puffinFile(deletionVector())
  const file = {
    path: PATH,
    content: 'position-deletes',
    format: 'puffin',
    status: 'added',
    manifestPath: 'm.avro',
    recordCount: 4,
    fileSizeBytes: bytes.length,
    sequenceNumber: 3,
    addedSnapshotId: '1',
    specId: 0,
    partition: '',
    codec: null,
    plainBytes: null,
    storedBytes: null,
  }
  call.mockResolvedValue({
    file,
    fileSequenceNumber: 3,
    sortOrderId: null,
    splitOffsets: null,
    equalityColumns: null,
    referencedDataFile: null,
    firstRowId: null,
    columnCount: 0,
    columns: [],
    nextColumnOffset: null,
  })
})
afterEach(cleanup)

it('lists the blobs of a Puffin file and the positions of its deletion vector', async () => {
  renderInTable(<FilesTab />, { search: `?${new URLSearchParams({ file: PATH })}` })
  const blobs = await screen.findByRole('grid', { name: 'Blobs' })
  expect(within(blobs).getByText('referenced-data-file=a.parquet, cardinality=4')).toBeTruthy()
  const positions = await screen.findByRole('table', { name: 'Deleted positions' })
  expect(
    within(positions)
      .getAllByRole('row')
      .slice(1)
      .map(({ textContent }) => textContent),
  ).toEqual(['012', '551', '4,0954,0951'])
  expect(screen.getByText('4 positions')).toBeTruthy()
})

it('says that a deletion vector is damaged, and shows no positions', async () => {
  bytes[20]! ^= 0xff
  renderInTable(<FilesTab />, { search: `?${new URLSearchParams({ file: PATH })}` })
  expect((await screen.findByRole('alert')).textContent).toContain('do not match its checksum')
  expect(screen.queryByRole('table', { name: 'Deleted positions' })).toBeNull()
})
