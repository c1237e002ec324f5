import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { Schema } from '@/lib/iceberg/schema/types'
import { grantsOfRole } from '@/lib/permissions'
import { createServicesAt } from '@/testing/homes/test-home'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Services } from '@/server/services'
import { appendFiles } from '@/server/table/commit/append-files'
import { readFileEntry } from './file-entry'
import { readFilePage } from './file-page'
import { readFileSummary } from './file-summary'
import { readManifestPage } from './manifest-page'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: false, type: 'long' },
    { id: 2, name: 'at', required: false, type: 'timestamp' },
    { id: 3, name: 'fare', required: false, type: 'decimal(9, 2)' },
    { id: 4, name: 'origin', required: false, type: 'string' },
  ],
}

let home: string
let services: Services
let catalog: CatalogClient
const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 't' }

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'entry-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: SCHEMA,
    partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'at_month', transform: 'month' }] },
  })
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})

const load = () => catalog.loadTable(identifier)

async function append(name: string, overrides: Partial<DataFile>): Promise<string> {
  const { metadata } = await load()
  const filePath = `${metadata.location}/data/${name}.parquet`
  await appendFiles(services.log, {
    catalog,
    store: services.stores.catalogStore('local'),
    identifier,
    files: [sampleDataFile(filePath, overrides)],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
  return filePath
}

it('decodes the bounds of a manifest by the types of the columns, exactly', async () => {
  const file = await append('a', {
    partition: [377],
    metrics: {
      ...EMPTY_METRICS,
      valueCounts: new Map([[1, 10]]),
      nullValueCounts: new Map([[4, 3]]),
      lowerBounds: new Map([
        [1, encodeSingleValue('long', 9_007_199_254_740_993n)],
        [2, encodeSingleValue('timestamp', 991_353_600_000_001n)],
        [3, encodeSingleValue('decimal(9, 2)', -5n)],
        [4, encodeSingleValue('string', '')],
        [99, Uint8Array.of(1, 2)],
      ]),
      upperBounds: new Map([[1, Uint8Array.of(1, 2, 3)]]),
    },
  })
  const entry = await readFileEntry(services, await load(), {}, { file, signal })
  expect(entry.file).toMatchObject({ path: file, status: 'added', partition: 'at_month=2001-06' })
  expect(entry.columns.map(({ fieldId, name, lowerBound }) => [fieldId, name, lowerBound])).toEqual([
    [1, 'id', '9007199254740993'],
    [2, 'at', '2001-06-01 00:00:00.000001'],
    [3, 'fare', '-0.05'],
    [4, 'origin', ''],
    [99, null, '0x0102'],
  ])
  expect(entry.columns[0]).toMatchObject({ valueCount: 10, upperBound: '0x010203 (not a value of type long)' })
  expect(entry.columns[3]).toMatchObject({ nullCount: 3, upperBound: null, type: 'string' })
})

it('lists the columns of a wide file a page at a time', async () => {
  const valueCounts = new Map(Array.from({ length: 1_200 }, (_, i) => [i + 1, 1]))
  const file = await append('wide', { partition: [378], metrics: { ...EMPTY_METRICS, valueCounts } })
  const first = await readFileEntry(services, await load(), {}, { file, signal })
  expect([first.columnCount, first.columns.length, first.nextColumnOffset]).toEqual([1_200, 1_000, 1_000])
  const rest = await readFileEntry(services, await load(), {}, { file, columnOffset: 1_000, signal })
  expect([rest.columns.length, rest.columns[0]?.fieldId, rest.nextColumnOffset]).toEqual([200, 1_001, null])
})

it('shows the partitions of a manifest as partition values are shown', async () => {
  const { manifests } = await readManifestPage(services, await load(), {}, { offset: 0, signal })
  const months = manifests.map(({ partitions }) => partitions)
  expect(months).toEqual(
    expect.arrayContaining([
      [{ name: 'at_month', lower: '2001-06', upper: '2001-06', containsNull: false, containsNan: false }],
      [{ name: 'at_month', lower: '2001-07', upper: '2001-07', containsNull: false, containsNan: false }],
    ]),
  )
})

it('finds no file of a later snapshot in an earlier one', async () => {
  const { metadata } = await load()
  const snapshotId = metadata.snapshots[0]?.snapshotId ?? ''
  const file = await append('later', { partition: [379] })
  const read = readFileEntry(services, await load(), { snapshotId }, { file, signal })
  await expect(read).rejects.toMatchObject({ code: 'not-found' })
  const then = await readFilePage(services, await load(), { snapshotId }, { offset: 0, signal })
  expect(then.files.map(({ path: filePath }) => filePath)).not.toContain(file)
})

it('sums up files by partition, largest first, and by size with the target between two ranges', async () => {
  const of = { ...identifier, table: 'sizes' }
  await catalog.write({
    kind: 'create-table',
    table: of,
    schema: SCHEMA,
    partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'at_month', transform: 'month' }] },
    properties: { 'write.target-file-size-bytes': '1000' },
  })
  const { metadata } = await catalog.loadTable(of)
  const file = (name: string, month: number, fileSizeBytes: number) =>
    sampleDataFile(`${metadata.location}/data/${name}.parquet`, { partition: [month], fileSizeBytes })
  await appendFiles(services.log, {
    catalog,
    store: services.stores.catalogStore('local'),
    identifier: of,
    files: [file('a', 377, 300), file('b', 378, 999), file('c', 378, 1_000), file('d', 377, 4_100)],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
  const summary = await readFileSummary(services, await catalog.loadTable(of), {}, { offset: 0, signal })
  expect(summary).toMatchObject({ dataFileCount: 4, dataBytes: 6_399, targetBytes: 1_000, isTargetSet: true })
  expect(summary.sizes.map(({ fromBytes, toBytes, fileCount }) => [fromBytes, toBytes, fileCount])).toEqual([
    [250, 500, 1],
    [500, 1_000, 1],
    [1_000, 2_000, 1],
    [2_000, 4_000, 0],
    [4_000, 8_000, 1],
  ])
  expect(summary.partitions.map(({ partition, dataBytes, rowCount }) => [partition, dataBytes, rowCount])).toEqual([
    ['at_month=2001-06', 4_400, 20],
    ['at_month=2001-07', 1_999, 20],
  ])
  expect(summary).toMatchObject({ smallestFileBytes: 300, largestFileBytes: 4_100 })
  expect(summary.partitionsByFiles).toEqual([{ from: 2, to: 3, partitionCount: 2 }])
  expect(summary.partitionsByBytes.reduce((count, { partitionCount }) => count + partitionCount, 0)).toBe(2)
  const second = await readFileSummary(services, await catalog.loadTable(of), {}, { offset: 1, signal })
  expect(second.partitions.map(({ partition }) => partition)).toEqual(['at_month=2001-07'])
  const byPartition = await readFileSummary(
    services,
    await catalog.loadTable(of),
    {},
    { offset: 0, sort: '-partition', signal },
  )
  expect(byPartition.partitions.map(({ partition }) => partition)).toEqual(['at_month=2001-07', 'at_month=2001-06'])
})

it('uses the default target of Iceberg when the table sets none', async () => {
  const summary = await readFileSummary(services, await load(), {}, { offset: 0, signal })
  expect(summary).toMatchObject({ targetBytes: 512 * 1024 * 1024, isTargetSet: false })
})
