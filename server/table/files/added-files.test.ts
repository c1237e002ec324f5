import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Schema, Value } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Services } from '@/server/services'
import { appendFiles } from '@/server/table/commit/append-files'
import { createServicesAt } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { readAddedFiles } from './added-files'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal
const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'at', required: false, type: 'timestamp' },
    { id: 2, name: 'part', required: false, type: 'long' },
  ],
}

let home: string
let services: Services
let catalog: CatalogClient
let tables = 0

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'added-files-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})

/** A table with one snapshot for each list of partition values, with a file of ten rows for each value. */
async function createTable(field: { sourceId: number; transform: string }, commits: readonly (Value | null)[][]) {
  tables += 1
  const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  const partitionSpec = { specId: 0, fields: [{ ...field, fieldId: 1000, name: 'p' }] }
  await catalog.write({ kind: 'create-table', table: identifier, schema: SCHEMA, partitionSpec })
  const { metadata } = await catalog.loadTable(identifier)
  for (const [commit, values] of commits.entries())
    await appendFiles(services.log, {
      catalog,
      store: services.stores.catalogStore('local'),
      identifier,
      files: values.map((value, i) =>
        sampleDataFile(`${metadata.location}/data/${commit}-${i}.parquet`, { partition: [value], recordCount: 10 }),
      ),
      specId: 0,
      schemaId: 0,
      actor: ANN,
      signal,
    })
  const table = await catalog.loadTable(identifier)
  const snapshotIds = table.metadata.snapshots
    .toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)
    .map(({ snapshotId }) => snapshotId)
  return { table, snapshotIds }
}

describe('The added files of a snapshot', () => {
  it('are summed by partition, in the order of their values, without those of other commits', async () => {
    const { table, snapshotIds } = await createTable({ sourceId: 1, transform: 'day' }, [
      [11_000],
      [11_012, 11_010, 11_012],
    ])
    const [first = '', second = ''] = snapshotIds
    const added = await readAddedFiles(services, table, { snapshotId: second, signal })
    expect(added).toMatchObject({
      snapshotId: second,
      parentSnapshotId: first,
      newerCount: 0,
      partitionedBy: 'day(at)',
      partitionTime: 'day',
      dataFileCount: 3,
      deleteFileCount: 0,
      partitionCount: 2,
      isTruncated: false,
    })
    expect(added.partitions).toEqual([
      expect.objectContaining({ label: 'p=2000-02-23', timeIndex: 11_000 + 10, rowCount: 10, fileCount: 1 }),
      expect.objectContaining({ label: 'p=2000-02-25', timeIndex: 11_000 + 12, rowCount: 20, fileCount: 2 }),
    ])
    expect(added.newestFiles.map(({ path: location }) => path.basename(location))).toEqual([
      '1-2.parquet',
      '1-1.parquet',
      '1-0.parquet',
    ])
    expect(added.files).toEqual({ before: '1', added: '3', removed: null, after: '4' })
    expect(added.rows).toEqual({ before: '10', added: '30', removed: null, after: '40' })
    expect(await readAddedFiles(services, table, { snapshotId: first, signal })).toMatchObject({
      newerCount: 1,
      rows: { before: '0', after: '10' },
      dataFileCount: 1,
    })
    expect(await readAddedFiles(services, table, { snapshotId: second, branch: 'audit', signal })).toMatchObject({
      newerCount: null,
    })
  })

  it('are on main once their branch was published there, as they are or as a copy', async () => {
    const { table, snapshotIds } = await createTable({ sourceId: 1, transform: 'day' }, [[11_000], [11_001], [11_002]])
    const [first = '', second = '', third = ''] = snapshotIds
    const { refs, snapshots } = table.metadata
    const [, published] = snapshots
    if (refs['main'] === undefined || published === undefined) throw new Error('the table has three snapshots')
    const read = async (mainId: string, copyOf: string | null) => {
      const metadata = {
        ...table.metadata,
        refs: { main: { ...refs['main']!, snapshotId: mainId }, audit: { ...refs['main']!, snapshotId: second } },
        snapshots: snapshots.map((one) =>
          one.snapshotId === third && copyOf !== null
            ? { ...one, parentSnapshotId: first, summary: { ...one.summary, 'source-snapshot-id': copyOf } }
            : one,
        ),
      }
      const options = { snapshotId: second, branch: 'audit', signal }
      return (await readAddedFiles(services, { ...table, metadata }, options)).onMain
    }
    expect(await read(first, null)).toBeNull()
    expect(await read(third, null)).toEqual({ snapshotId: second, parentSnapshotId: first, newerCount: 1 })
    expect(await read(third, second)).toEqual({ snapshotId: third, parentSnapshotId: first, newerCount: 0 })
  })

  it('have no calendar in a spec that is not a time', async () => {
    const { table, snapshotIds } = await createTable({ sourceId: 2, transform: 'identity' }, [[7n, null]])
    const { partitionTime, partitions } = await readAddedFiles(services, table, {
      snapshotId: snapshotIds[0] ?? '',
      signal,
    })
    expect(partitionTime).toBeNull()
    expect(partitions.map(({ label, timeIndex }) => [label, timeIndex])).toEqual([
      ['p=7', null],
      ['p=null', null],
    ])
  })

  it('are limited, and say so', async () => {
    const values = Array.from({ length: 2_003 }, (_, i) => BigInt(i))
    const { table, snapshotIds } = await createTable({ sourceId: 2, transform: 'identity' }, [values])
    const read = (maxReadFiles?: number) =>
      readAddedFiles(services, table, {
        snapshotId: snapshotIds[0] ?? '',
        signal,
        ...(maxReadFiles !== undefined && { maxReadFiles }),
      })
    const added = await read()
    expect([added.partitionCount, added.partitions.length, added.newestFiles.length]).toEqual([2_003, 2_000, 50])
    expect(added.newestFiles[0]?.partition).toBe('p=2002')
    expect(await read(10)).toMatchObject({ isTruncated: true, dataFileCount: 10, files: { added: '2003' } })
  })

  it('have the totals of summaries as text, beyond 2^53 and without a parent that has expired', async () => {
    const { table, snapshotIds } = await createTable({ sourceId: 2, transform: 'identity' }, [[1n], [2n]])
    const [first = '', second = ''] = snapshotIds
    const { metadata } = table
    const large = {
      ...table,
      metadata: {
        ...metadata,
        snapshots: metadata.snapshots
          .filter(({ snapshotId }) => snapshotId !== first)
          .map((one) => ({
            ...one,
            summary: { ...one.summary, 'total-records': '9007199254740993', 'added-records': 'x' },
          })),
      },
    }
    const { rows } = await readAddedFiles(services, large, { snapshotId: second, signal })
    expect(rows).toEqual({ before: null, added: null, removed: null, after: '9007199254740993' })
  })

  it('are not found when the snapshot has expired', async () => {
    const { table } = await createTable({ sourceId: 2, transform: 'identity' }, [[1n]])
    await expect(readAddedFiles(services, table, { snapshotId: '77', signal })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
