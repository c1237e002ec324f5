import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { decodeConstants } from '@/lib/api/planned-constants'
import { addDefaults } from '@/lib/api/planned-defaults'
import { type SignedScanPlan, signedScanPlan } from '@/lib/contract/table/scan'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { Json } from '@/lib/iceberg/json/json'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { grantsOfRole } from '@/lib/permissions'
import { createRowReader } from '@/lib/scan/read-rows'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { createTestHome } from '@/testing/homes/test-home'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { Actor } from '@/server/auth/actor'
import { readPlanToken } from '@/server/auth/tokens/plan-token'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { appendFiles } from '../commit/append-files'
import { readNullShares, sumNullShares } from './null-shares'
import { openScan } from './open-scan'
import { listFilePage } from './planned-files'
import { buildScanPlan } from './scan-plan'

const home = createTestHome()

const takeTurns = () => null

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'origin', required: false, type: 'string' },
]

let catalog: CatalogClient
let count = 0
beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})

describe('the plan of a scan', () => {
  test('lists the files in row order, and their bytes are the rows', async () => {
    const identifier = await table('read')
    await append(identifier, 'b', { origin: 'ABQ', rows: 3 })
    await append(identifier, 'a', { origin: null, rows: 2 })
    const plan = await scan(identifier)
    expect(plan).toMatchObject({ rowCount: 5, fileCount: 2, nameMapping: null })
    expect(
      plan.files.map(({ firstRowIndex, recordCount, partition, sequenceNumber }) => [
        firstRowIndex,
        recordCount,
        partition,
        sequenceNumber,
      ]),
    ).toEqual([
      [0, 3, 'origin=ABQ', 1],
      [3, 2, 'origin=null', 2],
    ])
    expect(plan.totalBytes).toBe(plan.files.reduce((sum, file) => sum + file.fileSizeBytes, 0))
    expect(await readNullShares(await open(plan), takeTurns)).toEqual([{ fieldId: 1, share: 0 }])
    expect(await readNullShares(await open(plan), takeTurns, 1)).toBeNull()
    expect(plan.files.map(({ constants }) => constants)).toEqual([
      [{ fieldId: 2, type: 'string', value: btoa('ABQ') }],
      [{ fieldId: 2, type: 'string', value: null }],
    ])

    const reader = createRowReader({
      codecs: pageCodecs,
      fields: plan.schema.fields,
      files: plan.files.map((file) => ({ ...file, deletes: [], constants: new Map<number, Value | null>() })),
      open: openFile,
    })
    const { columns } = await reader.readRows({ firstRow: 2, lastRow: 5, fieldIds: [1] })
    expect(columns.get(1)).toEqual([2n, 0n, 1n])
  })

  test('lists the delete files that apply, each once, with the columns that they compare', async () => {
    const identifier = await table('deletes')
    await append(identifier, 'a', { origin: 'ABQ', rows: 3 })
    await append(identifier, 'b', { origin: 'ABQ', rows: 2 })
    await append(identifier, 'c', { origin: null, rows: 2 })
    const partition = ['ABQ']
    const positions = { content: 'position-deletes', partition, fileSizeBytes: 40 } as const
    const keys = { content: 'equality-deletes', partition, equalityIds: [1], fileSizeBytes: 2 } as const
    await addDeleteFiles(home.services, identifier, [
      sampleDataFile('file:///p.parquet', positions),
      sampleDataFile('file:///k.parquet', keys),
    ])
    const plan = await scan(identifier)
    expect(plan).toMatchObject({ rowCount: 7, deleteFileCount: 2, deleteBytes: 42 })
    expect(plan.files.map(({ deletes }) => deletes)).toEqual([[0, 1], [0, 1], []])
    expect(plan.deleteFiles).toMatchObject([
      { index: 0, path: 'file:///p.parquet', content: 'position-deletes', equalityFields: [] },
      { index: 1, path: 'file:///k.parquet', equalityIds: [1], equalityFields: [{ id: 1, name: 'id', type: 'long' }] },
    ])
    const page = await listFilePage(await open(plan), { fromFile: 2 })
    expect(page).toMatchObject({ files: [{ index: 2, deletes: [] }], deleteFiles: [] })
  })

  test('is refused when a delete file compares no column, or one that the table never had', async () => {
    for (const [name, equalityIds] of [
      ['no-ids', null],
      ['unknown-id', [77]],
    ] as const) {
      const identifier = await table(name)
      await append(identifier, 'a', { origin: 'ABQ', rows: 1 })
      const file = sampleDataFile('file:///k.parquet', { content: 'equality-deletes', partition: ['ABQ'], equalityIds })
      await addDeleteFiles(home.services, identifier, [file])
      await expect(scan(identifier)).rejects.toMatchObject({
        code: 'file-damaged',
        facts: { file: 'file:///k.parquet' },
      })
    }
  })

  test.each([
    ['x/../y', 'origin=x%2F..%2Fy/a'],
    ['x/..', 'origin=x%2F../a'],
    ['./x', 'origin=.%2Fx/a'],
    ['..', 'origin=../a'],
    ['/../../etc', 'origin=%2F..%2F..%2Fetc/a'],
    ['a\\..\\b', 'origin=a%5C..%5Cb/a'],
  ])('reads the rows of the partition %j from the folder in which PyIceberg puts them', async (origin, name) => {
    const identifier = await table(`climbing_${count++}`)
    await append(identifier, name, { origin, rows: 3 })
    const [file] = (await scan(identifier)).files
    const location = file?.path ?? ''
    expect(location).toContain(name)
    expect(await home.services.stores.catalogStore('local').sizeBytes(location)).toBe(file?.fileSizeBytes)
    expect(
      Buffer.from(
        await home.services.stores.catalogStore('local').read(location, { range: { start: 0, end: 4 } }),
      ).toString(),
    ).toBe('PAR1')
  })

  test('contains its expiry, and its token is for the person who requested it', async () => {
    const identifier = await table('tokens')
    await append(identifier, 'a', { origin: 'x', rows: 1 })
    const plan = await scan(identifier)
    const { snapshotId, expiresAtMs } = plan
    const token = readPlanToken(home.services, plan.token)
    expect(token).toMatchObject({ userId: ANN.userId, identifier, snapshotId, schemaId: 0, expiresAtMs })
    expect(plan.expiresAtMs).toBeGreaterThan(Date.now() + 3_500_000)
  })

  test('is refused when its person may not read the table any longer, and to anyone else', async () => {
    const identifier = await table('revoked')
    await append(identifier, 'a', { origin: 'x', rows: 1 })
    const { token } = await scan(identifier)
    const { signal } = new AbortController()
    for (const [actor, code] of [
      // Tables that the user may not see appear not to exist.
      [{ ...ANN, grants: [] }, 'not-found'],
      [{ ...ANN, userId: 'u2' }, 'forbidden'],
    ] as const) {
      await expect(openScan(home.services, token, { actor, signal })).rejects.toMatchObject({ code })
    }
  })

  test('is of the requested ref, snapshot or time', async () => {
    const identifier = await table('past')
    await append(identifier, 'a', { origin: 'x', rows: 1 })
    const first = await scan(identifier)
    const { snapshotId, committedAtMs } = first
    if (snapshotId === null || committedAtMs === null) throw new Error('nothing was committed')
    await append(identifier, 'b', { origin: 'y', rows: 1 })
    expect((await scan(identifier, { snapshotId })).rowCount).toBe(1)
    expect((await scan(identifier, { atMs: committedAtMs })).snapshotId).toBe(snapshotId)
    expect((await scan(identifier, { ref: 'main' })).rowCount).toBe(2)
    await expect(scan(identifier, { atMs: Date.now() + 3_600_000 })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('in the future'),
      facts: { nowMs: expect.any(Number) },
    })
    await expect(scan(identifier, { ref: 'nowhere' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(scan(identifier, { ref: 'main', snapshotId })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('has the first files only, and the size of all from the snapshot’s summary', async () => {
    const identifier = await table('many')
    const { metadata } = await catalog.loadTable(identifier)
    const files = Array.from({ length: 150 }, (_, index) =>
      sampleDataFile(`${metadata.location}/data/${index}.parquet`, { partition: ['x'] }),
    )
    await commit(identifier, files)
    const plan = await scan(identifier)
    expect(plan).toMatchObject({ rowCount: 1500, fileCount: 150, totalBytes: 15_000 })
    expect(plan.files).toHaveLength(100)
    const loaded = await catalog.loadTable(identifier)
    const snapshots = loaded.metadata.snapshots.map((snapshot) => ({ ...snapshot, summary: {} }))
    const options = { store: home.services.stores.catalogStore('local'), userId: ANN.userId, nowMs: Date.now() }
    const withoutSummary = { ...loaded, metadata: { ...loaded.metadata, snapshots } }
    expect((await buildScanPlan(home.services, withoutSummary, {}, options)).totalBytes).toBeNull()
  })

  test('of a table without a snapshot has no files', async () => {
    const plan = await scan(await table('empty'))
    expect(plan).toMatchObject({ snapshotId: null, rowCount: 0, files: [], totalBytes: 0 })
    expect(await readNullShares(await open(plan), takeTurns)).toEqual([])
  })
})

test('the share of nulls is computed only for columns that every file counted, and reads each file’s counts once', async () => {
  const field = (id: number) => ({ id, name: `c${id}`, required: false, type: 'int' as const })
  const schema = { schemaId: 0, identifierFieldIds: [], fields: [field(1), field(2), field(3)] }
  let readCount = 0
  const file = (recordCount: number, counts: [number, number][]) => ({
    recordCount,
    metrics: {
      ...EMPTY_METRICS,
      get nullValueCounts() {
        readCount += 1
        return new Map(counts)
      },
    },
  })
  const files = [
    file(6, [
      [1, 3],
      [2, 0],
      [3, 6],
    ]),
    file(4, [
      [1, 2],
      [3, 4],
    ]),
  ]
  const turns: number[] = []
  const wait = async () => void turns.push(readCount)
  expect(await sumNullShares(schema, toAsync(files), wait)).toEqual([
    { fieldId: 1, share: 0.5 },
    { fieldId: 3, share: 1 },
  ])
  expect(readCount).toBe(2)
  expect(turns).toEqual([1, 2])
  expect(await sumNullShares(schema, toAsync([]), wait)).toEqual([])
})

describe('anything that could be displayed wrongly is refused', () => {
  test('data that is neither Parquet nor Avro', async () => {
    const identifier = await table('orc')
    await append(identifier, 'a', { origin: 'x', rows: 2, fileFormat: 'orc' })
    await expect(scan(identifier)).rejects.toMatchObject({ code: 'not-supported', facts: { orcFiles: 1 } })
  })
})

test('initial defaults are part of the plan with all their digits, and reach the reader', async () => {
  const identifier = await table('defaults')
  await append(identifier, 'a', { origin: 'x', rows: 2 })
  const loaded = await catalog.loadTable(identifier)
  const added = (id: number, type: Type, initialDefault: Json): NestedField => {
    return { id, name: `c${id}`, required: false, type, initialDefault }
  }
  const struct: Type = { type: 'struct', fields: [added(4, 'double', 0.25)] }
  const fields = [...FIELDS, added(3, struct, {}), added(5, 'long', 2n ** 63n - 1n)]
  const metadata = { ...loaded.metadata, schemas: [{ schemaId: 0, identifierFieldIds: [], fields }] }
  const options = { store: home.services.stores.catalogStore('local'), userId: 'u1', nowMs: 0 }
  const built = await buildScanPlan(home.services, { ...loaded, metadata }, {}, options)
  const plan = signedScanPlan.parse(JSON.parse(JSON.stringify(z.encode(signedScanPlan, built))))
  expect(plan.defaults).toEqual([
    { fieldId: 3, value: '{}' },
    { fieldId: 4, value: '0.25' },
    { fieldId: 5, value: '9223372036854775807' },
  ])
  const reader = createRowReader({
    codecs: pageCodecs,
    fields: structuredClone(addDefaults(plan.schema.fields, plan)),
    files: plan.files.map((file) => ({ ...file, deletes: [], constants: decodeConstants(file) })),
    open: openFile,
  })
  const { columns } = await reader.readRows({ firstRow: 0, lastRow: 2, fieldIds: [3, 5] })
  expect([...columns.values()]).toEqual([
    [[0.25], [0.25]],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
  ])
})

test('a name mapping of the table is part of the plan, and a broken one is reported', async () => {
  const mapping = [
    { 'field-id': 1, names: ['id', 'ID'] },
    { names: ['group'], fields: [{ 'field-id': 2, names: ['x'] }] },
  ]
  const good = await table('mapped', { 'schema.name-mapping.default': JSON.stringify(mapping) })
  expect((await scan(good)).nameMapping).toEqual([
    { fieldId: 1, names: ['id', 'ID'], fields: [] },
    { fieldId: null, names: ['group'], fields: [{ fieldId: 2, names: ['x'], fields: [] }] },
  ])
  for (const [name, text] of [
    ['mapped-not-json', '['],
    ['mapped-not-list', '{}'],
    ['mapped-not-objects', '[1]'],
    ['mapped-not-names', '[{"field-id": "1"}]'],
  ] as const) {
    const bad = await table(name, { 'schema.name-mapping.default': text })
    await expect(scan(bad)).rejects.toMatchObject({ code: 'invalid-request' })
  }
})

function openFile({ path, fileSizeBytes }: { path: string; fileSizeBytes: number }): ByteSource {
  return {
    name: path,
    byteLength: fileSizeBytes,
    read: (start, end) => home.services.stores.catalogStore('local').read(path, { range: { start, end } }),
  }
}

async function table(name: string, properties: Record<string, string> = {}): Promise<TableIdentifier> {
  const identifier = { catalog: 'local', namespace: ['demo'], table: name }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
    partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
    properties,
  })
  return identifier
}

/** A file with ids from 0, written by DuckDB without its partition column, and committed. */
async function append(
  identifier: TableIdentifier,
  name: string,
  { origin, rows, ...changes }: { origin: string | null; rows: number } & Partial<DataFile>,
): Promise<void> {
  const { metadata } = await catalog.loadTable(identifier)
  const filePath = `${metadata.location}/data/${name}.parquet`
  const local = home.services.stores.localPath(filePath)
  mkdirSync(path.dirname(local), { recursive: true })
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  await duckdb.run(`COPY (SELECT i AS id FROM range(${rows}) t(i)) TO '${local}' (FORMAT parquet, FIELD_IDS {id: 1})`)
  const file = sampleDataFile(filePath, {
    partition: [origin],
    recordCount: rows,
    fileSizeBytes: readFileSync(local).length,
    metrics: { ...EMPTY_METRICS, valueCounts: new Map([[1, rows]]), nullValueCounts: new Map([[1, 0]]) },
    ...changes,
  })
  await commit(identifier, [file])
}

async function commit(identifier: TableIdentifier, files: readonly DataFile[]): Promise<void> {
  await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files,
    schemaId: 0,
    specId: 0,
    actor: ANN,
    signal: new AbortController().signal,
  })
}

/** The plan as the route returns it. */
async function scan(identifier: TableIdentifier, asOf: AsOf = {}): Promise<SignedScanPlan> {
  const options = { store: home.services.stores.catalogStore('local'), userId: ANN.userId, nowMs: Date.now() }
  return signedScanPlan.parse(await buildScanPlan(home.services, await catalog.loadTable(identifier), asOf, options))
}

function open({ token }: SignedScanPlan) {
  return openScan(home.services, token, { actor: ANN, signal: new AbortController().signal })
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items
}
