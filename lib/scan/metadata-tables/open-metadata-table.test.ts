import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { type EntryToWrite, writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { createParquetEncoder } from '../output/parquet-encoder'
import type { ManifestEntryCache } from '../snapshot-manifests'
import { openMetadataTable } from './open-metadata-table'

/**
 * A table by city. Its first snapshot adds files `a` and `b`; the second removes `b`, and adds `c` and a file that
 * deletes two rows of `a`. The content of the metadata tables is defined in the Iceberg documentation, *Spark queries*,
 * *Inspecting tables*.
 */

const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', type: 'long', required: false },
    { id: 2, name: 'city', type: 'string', required: false },
  ],
} as const
const SPEC = { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'city', transform: 'identity' }] } as const
const FIRST = sampleSnapshot(0)
const SECOND = sampleSnapshot(1)
const DELETE_FIELDS = [
  { id: 2147483546, name: 'file_path', type: 'string', required: true },
  { id: 2147483545, name: 'pos', type: 'long', required: true },
] as const

const files = new Map<string, Uint8Array>()
const deleteBytes = encodeDeletes('mem:a', [3n, 7n])
files.set('mem:d', deleteBytes)

const a = file('a', 'Oslo', 10)
const b = file('b', 'Oslo', 20)
const c = file('c', null, 5)
const d = file('d', 'Oslo', 2, { content: 'position-deletes', fileSizeBytes: deleteBytes.length })
const m1 = write('m1', FIRST.snapshotId, 1, [added(a), added(b)])
const m2 = write('m2', SECOND.snapshotId, 2, [retained('existing', a), retained('deleted', b), added(c)])
const m3 = write('m3', SECOND.snapshotId, 2, [added(d)])
const m3Bytes = files.get('mem:m3') ?? new Uint8Array()
writeList(FIRST, [m1])
writeList(SECOND, [m2, m3])

const metadata = sampleMetadata({
  schemas: [SCHEMA],
  currentSchemaId: 0,
  partitionSpecs: [SPEC],
  defaultSpecId: 0,
  snapshots: [FIRST, SECOND],
  currentSnapshotId: SECOND.snapshotId,
  refs: {
    main: { type: 'branch', snapshotId: SECOND.snapshotId },
    audit: { type: 'tag', snapshotId: FIRST.snapshotId, maxRefAgeMs: 86_400_000 },
  },
  snapshotLog: [FIRST, SECOND].map(({ timestampMs, snapshotId }) => ({ timestampMs, snapshotId })),
  metadataLog: [{ timestampMs: FIRST.timestampMs, metadataFile: 'mem:00000.metadata.json' }],
})

describe('Metadata tables', () => {
  test.each<[MetadataTableName, string[], unknown[][]]>([
    [
      'snapshots',
      ['snapshot_id', 'parent_id', 'operation'],
      [
        [BigInt(FIRST.snapshotId), null, 'append'],
        [BigInt(SECOND.snapshotId), BigInt(FIRST.snapshotId), 'append'],
      ],
    ],
    [
      'refs',
      ['name', 'type', 'snapshot_id', 'max_reference_age_in_ms'],
      [
        ['main', 'BRANCH', BigInt(SECOND.snapshotId), null],
        ['audit', 'TAG', BigInt(FIRST.snapshotId), 86_400_000n],
      ],
    ],
    [
      'history',
      ['snapshot_id', 'is_current_ancestor'],
      [
        [BigInt(FIRST.snapshotId), true],
        [BigInt(SECOND.snapshotId), true],
      ],
    ],
    ['properties', ['key', 'value'], [['owner', 'ann']]],
    ['statistics', ['snapshot_id'], []],
    ['partition_statistics', ['snapshot_id'], []],
    [
      'metadata_log_entries',
      ['file', 'latest_snapshot_id'],
      [
        ['mem:00000.metadata.json', BigInt(FIRST.snapshotId)],
        ['mem:00001.metadata.json', BigInt(SECOND.snapshotId)],
      ],
    ],
    [
      'manifests',
      [
        'content',
        'path',
        'added_data_files_count',
        'existing_data_files_count',
        'deleted_data_files_count',
        'added_delete_files_count',
      ],
      [
        [0, 'mem:m2', 1, 1, 1, 0],
        [1, 'mem:m3', 0, 0, 0, 1],
      ],
    ],
    [
      'all_manifests',
      ['path', 'reference_snapshot_id'],
      [
        ['mem:m1', BigInt(FIRST.snapshotId)],
        ['mem:m2', BigInt(SECOND.snapshotId)],
        ['mem:m3', BigInt(SECOND.snapshotId)],
      ],
    ],
    // Removed files are entries (status 2), and no files.
    [
      'entries',
      ['status', 'snapshot_id', 'sequence_number', 'file_sequence_number'],
      [
        [0, BigInt(FIRST.snapshotId), 1n, 2n],
        [2, BigInt(SECOND.snapshotId), 1n, 2n],
        [1, BigInt(SECOND.snapshotId), 2n, 2n],
        [1, BigInt(SECOND.snapshotId), 2n, 2n],
      ],
    ],
    [
      'files',
      ['content', 'file_path', 'partition', 'record_count'],
      [
        [0, 'mem:a', ['Oslo'], 10n],
        [0, 'mem:c', [null], 5n],
        [1, 'mem:d', ['Oslo'], 2n],
      ],
    ],
    ['data_files', ['file_path'], [['mem:a'], ['mem:c']]],
    ['delete_files', ['file_path', 'file_format'], [['mem:d', 'PARQUET']]],
    // Files of all snapshots, from each manifest once.
    ['all_files', ['file_path'], [['mem:a'], ['mem:b'], ['mem:a'], ['mem:c'], ['mem:d']]],
    ['all_data_files', ['file_path'], [['mem:a'], ['mem:b'], ['mem:a'], ['mem:c']]],
    ['all_delete_files', ['file_path'], [['mem:d']]],
    ['all_entries', ['status'], [[1], [1], [0], [2], [1], [1]]],
    [
      'partitions',
      ['partition', 'record_count', 'file_count', 'position_delete_record_count', 'last_updated_snapshot_id'],
      [
        [['Oslo'], 10n, 1, 2n, BigInt(SECOND.snapshotId)],
        [[null], 5n, 1, 0n, BigInt(SECOND.snapshotId)],
      ],
    ],
    [
      'position_deletes',
      ['file_path', 'pos', 'partition', 'delete_file_path'],
      [
        ['mem:a', 3n, ['Oslo'], 'mem:d'],
        ['mem:a', 7n, ['Oslo'], 'mem:d'],
      ],
    ],
  ])('%s has what is in the manifests', async (name, columns, rows) => {
    expect(await readRows(name, columns)).toEqual(rows)
  })

  test('have bounds and counts as the manifest says, and as values of their columns', async () => {
    const [row] = await readRows('files', ['lower_bounds', 'null_value_counts', 'readable_metrics'])
    const [bounds, nullCounts, readable] = row ?? []
    expect([bounds, nullCounts]).toEqual([[[1, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)]], [[1, 4n]]])
    // In the order of the names: `city` has no metrics.
    expect(readable).toMatchObject([
      [null, null, null, null, null, null],
      [null, null, 4n, null, 1n, 2n],
    ])
  })

  test('name the file of deletes that has no position in a row', async () => {
    files.set('mem:d', encodeDeletes('mem:a', [3n, null]))
    try {
      await expect(readRows('position_deletes', ['pos'])).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining('mem:d'),
      })
    } finally {
      files.set('mem:d', deleteBytes)
    }
  })

  test('of a table without a snapshot are empty', async () => {
    for (const name of ['files', 'entries', 'manifests', 'partitions', 'position_deletes'] as const)
      expect(await readRows(name, [], null)).toEqual([])
  })

  test('name the manifest list that is missing', async () => {
    const broken = { ...SECOND, manifestList: 'mem:gone' }
    await expect(readRows('files', [], broken)).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining('mem:gone'),
    })
  })
})

describe('Manifests of a metadata table', () => {
  const createCache = (maxEntries: number, stored = new Map<string, readonly ManifestEntry[]>()) => {
    const cache: ManifestEntryCache = {
      get: (key) => stored.get(key),
      set: (key, entries) => void stored.set(key, entries),
      fits: (entryCount) => entryCount <= maxEntries,
    }
    return { cache, stored }
  }

  test('are cached when all of them fit', async () => {
    const { cache, stored } = createCache(4)
    const rows = await readRows('entries', ['status'], SECOND, { cache })
    expect(rows).toHaveLength(4)
    expect(stored.size).toBe(2)
  })

  test('are read past the cache when they would only evict each other', async () => {
    const { cache, stored } = createCache(3)
    const rows = await readRows('entries', ['status'], SECOND, { cache })
    expect(rows).toEqual(await readRows('entries', ['status']))
    expect(stored.size).toBe(0)
  })

  test('of all snapshots are cached as long as they fit', async () => {
    const { cache, stored } = createCache(5)
    const rows = await readRows('all_entries', ['status'], SECOND, { cache })
    expect(rows).toEqual(await readRows('all_entries', ['status']))
    expect(rows).toHaveLength(6)
    expect(stored.size).toBe(2)
  })

  test('come from the cache when they are there, although not all would fit', async () => {
    const { cache, stored } = createCache(4)
    const rows = await readRows('entries', ['status'], SECOND, { cache })
    files.delete('mem:m3')
    try {
      expect(await readRows('entries', ['status'], SECOND, { cache: createCache(3, stored).cache })).toEqual(rows)
    } finally {
      files.set('mem:m3', m3Bytes)
    }
  })
})

async function readRows(
  name: MetadataTableName,
  columns: readonly string[],
  snapshot: typeof SECOND | null = SECOND,
  { cache }: { cache?: ManifestEntryCache } = {},
) {
  const readFile = async (location: string) => {
    const bytes = files.get(location)
    if (bytes) return bytes
    throw new AppError('file-missing', `${location} is missing`)
  }
  const signal = new AbortController().signal
  const table = await openMetadataTable(name, {
    metadata,
    metadataLocation: 'mem:00001.metadata.json',
    snapshot,
    properties: { owner: 'ann' },
    canHold: () => true,
    openFiles: () => ({
      source: { readFile, codecs: plainCodecs, signal, ...(cache && { cache }) },
      deleteFiles: {
        open: ({ filePath, fileSizeBytes }) => ({
          name: filePath,
          byteLength: fileSizeBytes,
          read: async (start, end) => (await readFile(filePath)).slice(start, end),
        }),
        codecs: pageCodecs,
        signal,
      },
    }),
  })
  const rows = []
  for await (const row of table.readRows(columns, () => expect.unreachable())) rows.push(row)
  return rows
}

function file(name: string, city: string | null, recordCount: number, overrides: Partial<DataFile> = {}): DataFile {
  const metrics = {
    ...EMPTY_METRICS,
    nullValueCounts: new Map([[1, 4]]),
    lowerBounds: new Map([[1, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)]]),
    upperBounds: new Map([[1, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)]]),
  }
  return sampleDataFile(`mem:${name}`, { partition: [city], recordCount, metrics, ...overrides })
}

function added(dataFile: DataFile): EntryToWrite {
  return { status: 'added', dataFile }
}

/** A file that replaced an older one has the sequence number of its rows, and a later one of its own. */
function retained(status: 'existing' | 'deleted', dataFile: DataFile): EntryToWrite {
  return { status, snapshotId: FIRST.snapshotId, sequenceNumber: 1, fileSequenceNumber: 2, dataFile }
}

function write(
  name: string,
  snapshotId: string,
  sequenceNumber: number,
  entries: readonly EntryToWrite[],
): ManifestFile {
  const content = entries[0]?.dataFile.content === 'data' ? 'data' : 'deletes'
  const head = { formatVersion: 2, content, schema: SCHEMA, spec: SPEC, snapshotId } as const
  const { bytes, summary } = writeManifest(entries, head, plainCodecs)
  files.set(`mem:${name}`, bytes)
  const { minSequenceNumber } = summary
  return {
    ...summary,
    manifestPath: `mem:${name}`,
    sequenceNumber,
    minSequenceNumber: minSequenceNumber ?? sequenceNumber,
  }
}

function writeList(snapshot: typeof FIRST, manifests: readonly ManifestFile[]): void {
  const { snapshotId, parentSnapshotId, sequenceNumber } = snapshot
  const head = { formatVersion: 2, snapshotId, parentSnapshotId, sequenceNumber }
  files.set(snapshot.manifestList ?? '', writeManifestList(manifests, head, plainCodecs))
}

function encodeDeletes(filePath: string, positions: readonly (bigint | null)[]): Uint8Array {
  // The reader does not check required fields.
  const encoder = createParquetEncoder(DELETE_FIELDS.map((field) => ({ ...field, required: false })))
  const [path, pos] = DELETE_FIELDS
  const columns = new Map([
    [path.id, positions.map(() => filePath)],
    [pos.id, [...positions]],
  ] as [number, (string | bigint | null)[]][])
  const parts = [encoder.start(), encoder.encode(columns, positions.length), encoder.end()]
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
