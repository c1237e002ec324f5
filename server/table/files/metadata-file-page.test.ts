import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import { createServicesAt } from '@/testing/homes/test-home'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import { compareMetadata, readMetadataFilePage } from './metadata-file-page'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal
const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 't' }
const SECRET = 'AKIA-very-secret'

let home: string
let services: Services
let catalog: CatalogClient
let table: LoadedTable
let locations: string[]

const setProperties = (of: TableIdentifier, updates: Record<string, string>) =>
  catalog.write({
    kind: 'commit-table',
    table: of,
    change: { requirements: [], updates: [{ action: 'set-properties', updates }] },
  })

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'metadata-files-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  await setProperties(identifier, { owner: 'ann' })
  await setProperties(identifier, { owner: 'bob', 's3.secret-access-key': SECRET })
  table = await catalog.loadTable(identifier)
  const { files } = await readMetadataFilePage(table, { offset: 0, signal })
  locations = files.map(({ location }) => location)
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})

it('lists the current metadata file and the log, newest first, with sizes', async () => {
  const { totalCount, files } = await readMetadataFilePage(table, { offset: 0, signal })
  expect(totalCount).toBe(3)
  expect(files.map(({ isCurrent }) => isCurrent)).toEqual([true, false, false])
  expect(files.every(({ sizeBytes }) => sizeBytes !== null && sizeBytes > 100)).toBe(true)
  expect(await readMetadataFilePage(table, { offset: 2, signal })).toMatchObject({
    files: [files[2]],
    nextOffset: null,
  })
})

it('compares two metadata files, and shows no value that grants access', async () => {
  const [newest = '', middle = '', oldest = ''] = locations
  const { differences } = await compareMetadata(services, table, { from: middle, to: newest, signal })
  const byPath = Object.fromEntries(differences.map(({ path: field, before, after }) => [field, [before, after]]))
  expect(byPath['properties.owner']).toEqual(['"ann"', '"bob"'])
  expect(byPath['properties.s3.secret-access-key']).toEqual([null, expect.stringMatching(/^"hidden \([0-9a-f]{8}\)"$/)])
  expect(JSON.stringify(differences)).not.toContain(SECRET)
  const back = await compareMetadata(services, table, { from: middle, to: oldest, signal })
  expect(back.differences.find(({ path: field }) => field.startsWith('properties'))).toMatchObject({ after: null })
})

it('compares what the table had, as the summaries of its snapshots say', async () => {
  const other = { ...identifier, table: 'counted' }
  await catalog.write({ kind: 'create-table', table: other, schema: ONE_COLUMN_SCHEMA })
  const { metadata, metadataLocation: empty } = await catalog.loadTable(other)
  const summary = {
    operation: 'append',
    'total-records': '9007199254740991',
    'total-data-files': '3',
    'total-files-size': '1200',
  }
  const snapshot = {
    snapshotId: '9007199254740993',
    parentSnapshotId: null,
    sequenceNumber: 1,
    timestampMs: metadata.lastUpdatedMs,
    manifestList: `${metadata.location}/metadata/s1.avro`,
    schemaId: 0,
    summary,
  }
  const { snapshotId } = snapshot
  await catalog.write({
    kind: 'commit-table',
    table: other,
    change: {
      requirements: [],
      updates: [
        { action: 'add-snapshot', snapshot },
        { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId },
        { action: 'set-snapshot-ref', refName: 'close', type: 'tag', snapshotId },
      ],
    },
  })
  const counted = await catalog.loadTable(other)
  const { figures } = await compareMetadata(services, counted, { from: empty, to: counted.metadataLocation, signal })
  expect(figures).toEqual({
    before: { rowCount: 0, dataFileCount: 0, deleteFileCount: 0, liveBytes: 0, refCount: 0 },
    after: { rowCount: 9_007_199_254_740_991, dataFileCount: 3, deleteFileCount: null, liveBytes: 1200, refCount: 2 },
  })
})

it('compares no file that the metadata of the table does not name', async () => {
  const [newest = ''] = locations
  const compare = (from: string) => compareMetadata(services, table, { from, to: newest, signal })
  await expect(compare('file:///etc/passwd')).rejects.toMatchObject({ code: 'not-found' })
})

it('compares no file of another table, even if the metadata log names it', async () => {
  const other = { ...identifier, table: 'other' }
  await catalog.write({ kind: 'create-table', table: other, schema: ONE_COLUMN_SCHEMA })
  const { metadataLocation } = await catalog.loadTable(other)
  const log = [...table.metadata.metadataLog, { timestampMs: 0, metadataFile: metadataLocation }]
  const hostile = { ...table, metadata: { ...table.metadata, metadataLog: log } }
  const compare = compareMetadata(services, hostile, { from: metadataLocation, to: locations[0] ?? '', signal })
  await expect(compare).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('another table') })
})

it('says that a metadata file is gone', async () => {
  const oldest = locations[2] ?? ''
  await rm(fileURLToPath(oldest))
  const { files } = await readMetadataFilePage(table, { offset: 2, signal })
  expect(files[0]).toMatchObject({ sizeBytes: null, problem: 'The file is gone.' })
  const compare = compareMetadata(services, table, { from: oldest, to: locations[0] ?? '', signal })
  await expect(compare).rejects.toMatchObject({ code: 'file-missing' })
})
