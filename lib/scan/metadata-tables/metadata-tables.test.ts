import { describe, expect, test } from 'vitest'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { UnreadableBound } from '@/lib/iceberg/metadata/unreadable-bounds'
import { fromHex } from '@/lib/iceberg/schema/byte-text'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { isHeldValue } from '@/lib/query/duckdb/held-times'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { filesTable } from './file-tables'
import type { FoundEntry } from './manifest-sequence'
import type { MetadataRow, MetadataTable, ReportUnreadable } from './metadata-table'
import { createPartitionRows } from './partition-type'
import { manifestsTable } from './manifest-tables'
import { partitionsTable } from './partitions-table'
import { historyTable, partitionStatisticsTable, statisticsTable } from './table-tables'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

const FIELDS = [
  { id: 1, name: 'id', type: 'int', required: true },
  { id: 2, name: 'city', type: 'string', required: false },
] as const

/** A table of `id` and `city` with these partition specs, by source column, name and transform. */
function tableOf(specs: readonly (readonly [sourceId: number, fieldId: number, name: string, transform: string][])[]) {
  return sampleMetadata({
    schemas: [{ schemaId: 0, identifierFieldIds: [], fields: FIELDS }],
    currentSchemaId: 0,
    defaultSpecId: 0,
    partitionSpecs: specs.map((fields, specId) => ({
      specId,
      fields: fields.map(([sourceId, fieldId, name, transform]) => ({ sourceId, fieldId, name, transform })),
    })),
  })
}

describe('The partition of metadata tables', () => {
  test('has the fields of all specs, with the newest names', () => {
    const metadata = tableOf([
      [[2, 1000, 'city', 'identity']],
      [
        [2, 1000, 'town', 'identity'],
        [1, 1001, 'b', 'bucket[4]'],
      ],
    ])
    const { type, toRow, fieldCountOf } = createPartitionRows(metadata)
    expect(type?.fields.map(({ name, type: each }) => [name, each])).toEqual([
      ['town', 'string'],
      ['b', 'int'],
    ])
    expect(toRow(0, ['x'])).toEqual(['x', null])
    expect(toRow(1, ['x', 3])).toEqual(['x', 3])
    expect([0, 1].map(fieldCountOf)).toEqual([1, 2])
  })

  test('keeps the type of a field that format v1 replaced by void, and leaves out dropped columns', () => {
    const metadata = tableOf([
      [
        [1, 1000, 'b', 'bucket[4]'],
        [9, 1001, 'gone', 'identity'],
      ],
      [
        [1, 1000, 'b', 'void'],
        [9, 1001, 'gone', 'void'],
      ],
    ])
    expect(createPartitionRows(metadata).type?.fields.map(({ name, type }) => [name, type])).toEqual([['b', 'int']])
  })

  test('is left out when there is no field', () => {
    expect(createPartitionRows(tableOf([[]])).type).toBeNull()
  })

  test.each([
    ['of an unknown transform', [[[1, 1000, 'z', 'zorder(1,2)']]], /zorder/],
    ['of two fields with one id', [[[1, 1000, 'a', 'bucket[4]']], [[2, 1000, 'b', 'identity']]], /field id 1000/],
  ] as const)('is refused for specs %s', (_, specs, message) => {
    expect(() => createPartitionRows(tableOf(specs as never))).toThrow(message)
  })
})

describe('The metadata table partitions', () => {
  test('tells a null partition value from a spec without the field', async () => {
    const metadata = tableOf([[], [[2, 1000, 'city', 'identity']]])
    const files = [
      sampleDataFile('a', { specId: 0, partition: [] }),
      sampleDataFile('b', { specId: 1, partition: [null] }),
      sampleDataFile('c', { specId: 1, partition: [null], content: 'equality-deletes' }),
      sampleDataFile('d', { specId: 1, partition: ['null'] }),
    ]
    const rows = await readAll(
      partitionsTable(metadata, 4, () => entriesOf(files)),
      ['partition', 'file_count', 'equality_delete_file_count', 'last_updated_at'],
    )
    expect(rows).toEqual([
      [[null], 1, 0, null],
      [[null], 1, 1, null],
      [['null'], 1, 0, null],
    ])
  })

  test('tells −0.0 from 0.0, as two partitions of a double', async () => {
    const files = [-0, 0, -0].map((value, i) => sampleDataFile(`f${i}`, { specId: 0, partition: [value] }))
    const fields = [{ id: 6, name: 'd', type: 'double', required: false }] as const
    const schemas = [{ schemaId: 0, identifierFieldIds: [], fields }]
    const metadata = { ...tableOf([[[6, 1000, 'd', 'identity']]]), schemas }
    const table = partitionsTable(metadata, 3, () => entriesOf(files))
    expect(await readAll(table, ['partition', 'file_count'])).toEqual([
      [[-0], 2],
      [[0], 1],
    ])
  })
})

describe('The metadata table files', () => {
  const readBounds = (type: PrimitiveType, bytes: Uint8Array, report: ReportUnreadable = failOn) => {
    const metadata = sampleMetadata({
      schemas: [{ schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'c', type, required: false }] }],
      currentSchemaId: 0,
      defaultSpecId: 0,
      partitionSpecs: [{ specId: 0, fields: [] }],
    })
    const file = sampleDataFile('a', { metrics: { ...EMPTY_METRICS, lowerBounds: new Map([[1, bytes]]) } })
    const table = filesTable(metadata, 1, { entries: () => entriesOf([file]), canHold: isHeldValue })
    return readAll(table, ['file_path', 'readable_metrics', 'lower_bounds'], report)
  }

  test('has bounds as values, in the order of the names of the columns', async () => {
    const file = sampleDataFile('a', {
      metrics: { ...EMPTY_METRICS, lowerBounds: new Map([[1, Uint8Array.of(7, 0, 0, 0)]]) },
    })
    const table = filesTable(tableOf([[]]), 1, { entries: () => entriesOf([file]), canHold: isHeldValue })
    const none = [null, null, null, null, null, null]
    expect(await readAll(table, ['readable_metrics'])).toEqual([[[none, [null, null, null, null, 7, null]]]])
  })

  test('has the day of a date whose column is a timestamp now', async () => {
    const [row] = await readBounds('timestamp', fromHex('01000000'))
    expect(row?.[1]).toEqual([[null, null, null, null, 86_400_000_000n, null]])
  })

  test.each([
    ['int', '0102'],
    ['string', '61f09f'],
    ['timestamptz', '01000000'],
    ['timestamp', 'ffffff7f'],
    ['uuid', '00'],
    ['boolean', ''],
    ['decimal(4, 2)', '2710'],
    // DuckDB takes it for infinity, and ends its process at a time after 24:00.
    ['timestamp', 'ffffffffffffff7f'],
    ['date', 'ffffff7f'],
    ['time', '0160d71d14000000'],
  ] as const)(
    'has null for a bound of %s that cannot be shown, and names its column and file: %s',
    async (type, hex) => {
      const reported: UnreadableBound[] = []
      const rows = await readBounds(type, fromHex(hex), (bound) => reported.push(bound))
      expect(rows).toEqual([['a', [[null, null, null, null, null, null]], [[1, fromHex(hex)]]]])
      expect(reported).toEqual([{ column: 'c', file: 'a' }])
    },
  )
})

describe('The metadata table manifests', () => {
  test('has null for a bound of a partition that is not a value of its type, and names the manifest', async () => {
    const summary = { containsNull: false, containsNan: false, lowerBound: fromHex('61f0'), upperBound: fromHex('62') }
    const manifest = sampleManifest({ manifestPath: 'm', partitions: [summary] })
    const table = manifestsTable(
      tableOf([[[2, 1000, 'city', 'identity']]]),
      { estimatedRowCount: 1, ofSeveralSnapshots: false },
      async function* () {
        yield { manifest, snapshot: sampleSnapshot(0) }
      },
    )
    const reported: UnreadableBound[] = []
    const rows = await readAll(table, ['path', 'partition_summaries'], (bound) => reported.push(bound))
    expect(rows).toEqual([['m', [[false, false, null, 'b']]]])
    expect(reported).toEqual([{ column: 'city', file: 'm' }])
  })
})

describe('A metadata table of the metadata file', () => {
  test('of history says which snapshots are ancestors', async () => {
    const metadata = sampleMetadata()
    const rows = await readAll(historyTable(metadata), ['snapshot_id', 'is_current_ancestor'])
    expect(rows.map(([id]) => String(id))).toEqual(metadata.snapshotLog.map(({ snapshotId }) => snapshotId))
    expect(rows.at(-1)?.[1]).toBe(true)
  })

  test('of statistics has exact ids, and the fields of each blob', async () => {
    const file = {
      'snapshot-id': 9_007_199_254_740_993n,
      'statistics-path': 's.puffin',
      'file-size-in-bytes': 413,
      'file-footer-size-in-bytes': 42,
      'blob-metadata': [
        { type: 'ndv', 'snapshot-id': 1, 'sequence-number': 2, fields: [1, 2], properties: { ndv: '5' } },
        { type: 'other', 'snapshot-id': 1, 'sequence-number': 2, fields: [] },
      ],
    }
    const metadata = sampleMetadata({ statistics: [file], partitionStatistics: [file] })
    expect(await readAll(statisticsTable(metadata))).toEqual([
      [
        9_007_199_254_740_993n,
        's.puffin',
        413n,
        42n,
        [
          ['ndv', 1n, 2n, [1, 2], [['ndv', '5']]],
          ['other', 1n, 2n, [], null],
        ],
      ],
    ])
    expect(await readAll(partitionStatisticsTable(metadata))).toEqual([[9_007_199_254_740_993n, 's.puffin', 413n]])
  })

  test('of statistics without a path is refused', async () => {
    const metadata = sampleMetadata({ statistics: [{ 'snapshot-id': 1 }] })
    await expect(readAll(statisticsTable(metadata))).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining('statistics[0].statistics-path'),
    })
  })
})

async function readAll(
  table: MetadataTable,
  names = table.fields.map(({ name }) => name),
  report: ReportUnreadable = failOn,
): Promise<MetadataRow[]> {
  const rows: MetadataRow[] = []
  for await (const row of table.readRows(names, report)) rows.push(row)
  return rows
}

function failOn({ column, file }: UnreadableBound): void {
  throw new Error(`a bound of ${column} in ${file} cannot be shown`)
}

async function* entriesOf(files: readonly DataFile[]): AsyncGenerator<FoundEntry, void> {
  for (const dataFile of files) {
    const entry: ManifestEntry = {
      status: 'added',
      snapshotId: '404',
      sequenceNumber: 1,
      fileSequenceNumber: 1,
      dataFile,
    }
    yield { entry, manifest: sampleManifest() }
  }
}
