// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from './files-tab'

const call = stubApi()

afterEach(cleanup)

const MANIFEST = 'file:///lake/demo/flights/metadata/m0.avro'
const FILE = 'file:///lake/demo/flights/data/a.orc'
const LISTED = {
  path: FILE,
  content: 'data',
  format: 'orc',
  status: 'added',
  manifestPath: MANIFEST,
  recordCount: 1,
  fileSizeBytes: 200,
  sequenceNumber: 3,
  addedSnapshotId: '11',
  specId: 0,
  partition: '',
  codec: null,
  plainBytes: null,
  storedBytes: null,
}
const COUNTS = { manifestCount: 1, manifestBytes: 10, totalCount: 1, totalBytes: 200, searchedCount: 1, matchCount: 1 }

/** The server's answers, by the endpoint's path below the table. */
const ANSWERS: Record<string, object> = {
  '/files': { snapshotId: '11', ...COUNTS, files: [LISTED], nextOffset: null },
  '/files/entry': {
    file: LISTED,
    fileSequenceNumber: 3,
    sortOrderId: null,
    equalityColumns: null,
    splitOffsets: null,
    referencedDataFile: null,
    firstRowId: null,
    columnCount: 0,
    columns: [],
    nextColumnOffset: null,
  },
  '/files/summary': {
    dataFileCount: 1,
    dataBytes: 200,
    targetBytes: 512,
    isTargetSet: false,
    sizes: [{ fromBytes: 128, toBytes: 256, fileCount: 1, totalBytes: 200 }],
    smallestFileBytes: 200,
    largestFileBytes: 200,
    partitionsByFiles: [],
    partitionsByBytes: [],
    columns: [],
    partitionCount: 0,
    partitions: [],
    nextOffset: null,
  },
  '/manifests': {
    snapshotId: '11',
    manifestList: 'snap.avro',
    totalCount: 1,
    totalBytes: 10,
    manifests: [
      {
        path: MANIFEST,
        content: 'data',
        lengthBytes: 10,
        specId: 0,
        sequenceNumber: 3,
        minSequenceNumber: 3,
        addedSnapshotId: '11',
        addedFilesCount: 1,
        existingFilesCount: 0,
        deletedFilesCount: 0,
        addedRowsCount: 1,
        existingRowsCount: 0,
        deletedRowsCount: 0,
        partitions: [],
        firstRowId: null,
      },
    ],
    nextOffset: null,
  },
  '/metadata-files': {
    totalCount: 1,
    files: [{ location: 'file:///lake/1.json', writtenAtMs: 1_000, isCurrent: true, sizeBytes: 9, problem: null }],
    nextOffset: null,
  },
  '/objects': {
    folder: 'file:///lake/demo/flights',
    roots: ['file:///lake/demo/flights'],
    folders: ['data'],
    objects: [],
    searchedCount: 1,
    nextPageToken: null,
    references: { isComplete: true, readManifestCount: 1, knownManifestCount: 1, problem: null },
  },
}

function answer(endpoint: { path: string }) {
  const [, below = ''] = endpoint.path.split('/tables/:table')
  const found = ANSWERS[below]
  if (!found) throw new Error(`unexpected call of ${endpoint.path}`)
  return Promise.resolve(found)
}

const LEVELS: [string, Record<string, string>, () => Promise<unknown>, string][] = [
  ['the files', {}, () => screen.findByRole('grid', { name: 'Files' }), 'Snapshot'],
  ['the metadata log', { level: 'metadata' }, () => screen.findByText('1.json'), 'Metadata log'],
  [
    'the manifest list',
    { level: 'manifests' },
    () => screen.findByRole('grid', { name: 'Manifests' }),
    'Manifest list',
  ],
  ['the partitions', { level: 'partitions' }, () => screen.findByText('Partitions'), 'Snapshot'],
  ['the sizes', { level: 'sizes' }, () => screen.findByText('Sizes'), 'Snapshot'],
  ['a manifest', { manifest: MANIFEST }, () => screen.findByRole('columnheader', { name: /Status/ }), 'Manifest'],
  ['a file', { manifest: MANIFEST, file: FILE }, () => screen.findByText('Entry in the manifest'), 'File'],
]

it.each(LEVELS.flatMap((level) => [[...level, SAMPLE_DETAIL] as const, [...level, SAMPLE_PAST] as const]))(
  'opens %s from its address, at the snapshot that is shown',
  async (_level, address, isShown, step, detail) => {
    call.mockImplementation(answer)
    const asOf = detail === SAMPLE_PAST ? { snapshotId: '11' } : {}
    renderInTable(<FilesTab />, { search: `?${new URLSearchParams(address)}`, detail, asOf })
    await isShown()
    const steps = await screen.findByRole('navigation', { name: 'From metadata to files' })
    const current = steps.querySelector('[aria-current=step]')
    expect(current?.textContent).toMatch(new RegExp(`^${step}(?! list)`))
    // The link of the shown step leads back to the same step, at the same snapshot.
    const link = new URL(current?.getAttribute('href') ?? '', 'http://lake')
    expect(link.searchParams.get('snapshot')).toBe(asOf.snapshotId ?? null)
    const requested = call.mock.calls.map(([, input]: unknown[]) => (input as { snapshot?: string }).snapshot ?? null)
    // The metadata log is that of the table, not of a snapshot.
    expect(requested).toContain(address['level'] === 'metadata' ? null : (asOf.snapshotId ?? null))
  },
)

it('opens a folder of the storage from its address, whatever snapshot is shown', async () => {
  call.mockImplementation(answer)
  const folder = 'file:///lake/demo/flights'
  renderInTable(<FilesTab />, { search: `?${new URLSearchParams({ level: 'objects', folder })}`, detail: SAMPLE_PAST })
  expect(await screen.findByRole('link', { name: 'data/' })).toBeTruthy()
  const steps = await screen.findByRole('navigation', { name: 'From metadata to files' })
  expect(steps.querySelector('[aria-current]')).toBeNull()
})
