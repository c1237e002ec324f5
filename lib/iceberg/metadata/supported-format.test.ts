import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { DRAFT_TABLE } from '@/testing/iceberg/draft-table'
import { applyUpdates } from '../commit/apply-updates'
import { parseExactJson } from '../json/exact-json'
import type { JsonObject } from '../json/json'
import { readTableMetadata, tableMetadataFromJson, writeTableMetadata } from './metadata-json'
import { requireSupportedFormat } from './supported-format'

const file = parseExactJson(DRAFT_TABLE) as JsonObject
const { location, ...unlocated } = file

describe('A metadata file of format version 4', () => {
  it('is read with its schemas, layout, refs, history and logs', () => {
    expect(readTableMetadata(DRAFT_TABLE)).toMatchObject({
      formatVersion: 4,
      location: 's3://lake/demo/trips',
      currentSchemaId: 1,
      schemas: [{ schemaId: 0 }, { schemaId: 1, fields: [{ name: 'id' }, { name: 'city' }, { name: 'route' }] }],
      partitionSpecs: [{ specId: 0, fields: [{ name: 'city', transform: 'identity' }] }],
      sortOrders: [{ orderId: 1, fields: [{ sourceId: 1, direction: 'asc' }] }],
      properties: { owner: 'ada' },
      currentSnapshotId: '3055729675574597004',
      nextRowId: '9223372036854775807',
      refs: { main: { type: 'branch' }, 'q1-close': { type: 'tag', snapshotId: '3051729675574597004' } },
      snapshots: [{ firstRowId: '0', addedRows: '10' }, { manifestList: 'metadata/snap-2.parquet' }],
      snapshotLog: { length: 2 },
      metadataLog: [{ metadataFile: 'metadata/00000.metadata.json' }],
    })
  })

  it('is returned as it is, with its relative locations and all fields that Lakeshore does not know', () => {
    expect(parseExactJson(writeTableMetadata(readTableMetadata(DRAFT_TABLE)))).toEqual(file)
  })

  it('can leave out the location of the table, which is around the folder of the file', () => {
    const read = (metadataLocation: string | null) => tableMetadataFromJson(unlocated, { metadataLocation }).location
    expect(read('s3://lake/demo/trips/metadata/00001.metadata.json')).toBe(location)
    expect(read('s3://lake//demo/trips//metadata/a')).toBe('s3://lake//demo/trips')
    for (const elsewhere of [null, 's3://lake/a.json', 's3://metadata/a.json', '/metadata/a.json'])
      expect(catchAppError(() => read(elsewhere))).toMatchObject({ code: 'not-supported' })
    const inFolder = { metadataLocation: 's3://lake/all/metadata/a' }
    const writing = (path: string) => ({ ...unlocated, properties: { 'write.metadata.path': path } })
    expect(tableMetadataFromJson(writing('metadata'), inFolder).location).toBe('s3://lake/all')
    for (const path of ['s3://lake/all/metadata', 'files/metadata'])
      expect(catchAppError(() => tableMetadataFromJson(writing(path), inFolder))).toMatchObject({
        code: 'not-supported',
      })
    const earlier = { ...unlocated, 'format-version': 3 }
    expect(() => tableMetadataFromJson(earlier, { metadataLocation: 's3://lake/t/metadata/a' })).toThrow('location')
  })

  it('is not changed by a commit, whatever it would do', () => {
    const metadata = readTableMetadata(DRAFT_TABLE)
    for (const update of [
      { action: 'set-properties', updates: { owner: 'bo' } },
      { action: 'upgrade-format-version', formatVersion: 3 },
      { action: 'remove-snapshots', snapshotIds: ['3051729675574597004'] },
    ] as const) {
      const error = catchAppError(() => applyUpdates(metadata, [update], { nowMs: 0 }))
      expect(error).toMatchObject({ code: 'format-unsupported', facts: { formatVersion: 4 } })
    }
  })
})

it.each([0, 5, 99])('A metadata file of format version %i is refused, with the versions that are read', (version) => {
  const error = catchAppError(() => tableMetadataFromJson({ ...file, 'format-version': version }))
  expect(error).toMatchObject({
    code: 'not-supported',
    message: `Lakeshore does not support Iceberg tables of format version ${version}: it reads versions 1 to 3, and the metadata files of version 4`,
  })
})

it.each([1, 2, 3])('Tables of format version %i are read and written', (formatVersion) => {
  expect(() => requireSupportedFormat({ formatVersion })).not.toThrow()
})
