import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { grantsOfRole } from '@/lib/permissions'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { createServicesAt } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { flightsColumns } from '@/server/demo/demo-tables'
import { changePartitioning, renameColumn } from '@/server/demo/evolve-table'
import { FLIGHTS_SLICES, type FlightsSlice } from '@/server/demo/flights-slices'
import { writeFlightsSlice } from '@/server/demo/write-flights-slice'
import { sourceFile } from '@/server/demo/sources'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, type IngestSpec, toFileLocation, queueIngest } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import type { Services } from '@/server/services'
import { readLiveFiles, createManifestSource } from '@/server/table/files/live-files'
import { readManifests } from '@/testing/catalogs/read-manifests'

/**
 * The whole path with another program: the product's own ingest loads the demo's flights, PyIceberg reads them from the
 * same SQLite file at two snapshots and changes them, and the product reads them back.
 */

const python = installPyiceberg()
const EVA: Actor = { userId: 'u1', username: 'eva', role: 'admin', grants: grantsOfRole('admin') }
const FLIGHTS: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const DAY_MS = 86_400_000
/** Loads of the past, as in the demo: every second day, then after a gap. */
const LOADED_AT_MS = [20, 18, 10, 8].map((days) => Date.now() - days * DAY_MS)
const signal = new AbortController().signal

let folder: string
let services: Services
let catalog: CatalogClient

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pyiceberg-flights-'))
  services = createServicesAt(path.join(folder, 'home'))
  catalog = await services.catalogs.open('local', EVA)
})
afterAll(async () => {
  await services.database.close()
  await rm(folder, { recursive: true })
})

describe.skipIf(python === null)('demo.flights (skipped if PyIceberg is not available)', () => {
  let snapshotIds: string[]

  beforeAll(async () => {
    snapshotIds = await loadFlights()
  })

  test('loaded by the product reads the same in PyIceberg at every snapshot', async () => {
    const read = await runPython<{ sums: Sums[]; delayNames: string[]; files: number[]; ids: string[] }>(`
t = flights()
ids = [s.snapshot_id for s in t.metadata.snapshots]
rows = [t.scan(snapshot_id=id).to_arrow() for id in ids]
tell({
  'ids': [str(id) for id in ids],
  'sums': [sums(r, r.column(1)) for r in rows],
  'delayNames': [r.schema.names[1] for r in rows],
  'files': [len(list(t.scan(snapshot_id=id).plan_files())) for id in ids],
})`)
    expect(read.ids).toEqual(snapshotIds)
    expect(read.sums).toEqual([
      await sumsOfSource(`date < '2001-01-16'`),
      await sumsOfSource(`date < '2001-02-01'`),
      await sumsOfSource(`date < '2001-02-01' OR date >= '2001-03-01' AND date < '2001-03-16'`),
      await sumsOfSource(`date < '2001-02-01' OR date >= '2001-03-01' AND date < '2001-04-01'`),
    ])
    expect(read.delayNames).toEqual(['delay', 'delay', 'arrival_delay', 'arrival_delay'])
    expect(read.files).toEqual(await Promise.all(snapshotIds.map(async (id) => (await planAt(id)).fileCount)))
  })

  test('with a history of its own is found at its times by PyIceberg', async () => {
    const { metadata } = await catalog.loadTable(FLIGHTS)
    expect(metadata.snapshots.map(({ timestampMs }) => timestampMs)).toEqual(LOADED_AT_MS)
    const read = await runPython<{ log: number[]; versions: number[]; found: string[]; writers: string[] }>(`
t = flights()
tell({
  'log': [entry.timestamp_ms for entry in t.history()],
  'versions': [entry.timestamp_ms for entry in t.metadata.metadata_log] + [t.metadata.last_updated_ms],
  'found': [str(t.snapshot_as_of_timestamp(ms).snapshot_id) for ms in ${JSON.stringify(LOADED_AT_MS)}],
  'writers': [s.summary['engine-name'] for s in t.metadata.snapshots],
})`)
    expect(read.log).toEqual(LOADED_AT_MS)
    expect(read.found).toEqual(snapshotIds)
    expect(read.versions).toEqual(read.versions.toSorted((a, b) => a - b))
    expect(read.writers).toEqual(LOADED_AT_MS.map(() => 'flights-feed'))
  })

  test('is pruned by PyIceberg with the product’s partitions and bounds, without losing a row', async () => {
    const filters = [
      {
        python: `date >= '2001-03-20T00:00:00' and date < '2001-03-21T00:00:00'`,
        sql: `date >= '2001-03-20' AND date < '2001-03-21'`,
      },
      { python: `date < '2001-01-03T00:00:00'`, sql: `date < '2001-01-03'` },
      { python: `distance > 100000`, sql: 'false' },
      { python: `origin == 'ABQ' and arrival_delay > 300`, sql: `origin = 'ABQ' AND delay > 300` },
    ]
    const read = await runPython<{ rows: string[]; files: number[] }>(`
t = flights()
scans = [t.scan(row_filter=f) for f in ${JSON.stringify(filters.map((filter) => filter.python))}]
tell({'rows': [str(s.to_arrow().num_rows) for s in scans], 'files': [len(list(s.plan_files())) for s in scans]})`)
    const inJanuaryOrMarch = `(date < '2001-02-01' OR date >= '2001-03-01' AND date < '2001-04-01')`
    for (const [index, { sql }] of filters.entries())
      expect(read.rows[index]).toBe((await sumsOfSource(`${inJanuaryOrMarch} AND ${sql}`)).rows)
    const tasks = await (await planAt(snapshotIds.at(-1))).listTasks({ fromFile: 0 })
    expect(tasks.length).toBeGreaterThan(5)
    expect(read.files.slice(0, 3)).toEqual([1, 1, 0])
  })

  test('after appends and deletes by PyIceberg reads the same in the product', async () => {
    const before = await sumOwnScan()
    const read = await runPython<{ sums: Sums; ids: string[]; operations: string[] }>(`
from datetime import datetime
t = flights()
rows = [
  {'date': datetime(2001, 12, 24, 18, 30), 'arrival_delay': None, 'distance': 3904, 'origin': 'HNL', 'destination': 'JFK'},
  {'date': datetime(2001, 12, 24, 23, 59, 59, 999999), 'arrival_delay': -5, 'distance': 1, 'origin': 'ÅBC', 'destination': 'JFK'},
]
t.append(pa.Table.from_pylist(rows, schema=t.schema().as_arrow()))
t.delete("origin == 'ABQ' and date < '2001-01-16T00:00:00'")
t = flights()
r = t.scan().to_arrow()
tell({
  'sums': sums(r, r.column(1)),
  'ids': [str(s.snapshot_id) for s in t.metadata.snapshots],
  'operations': [s.summary.operation.value for s in t.metadata.snapshots],
})`)
    expect(read.operations.slice(0, 5)).toEqual(['append', 'append', 'append', 'append', 'append'])
    expect(read.operations.length).toBeGreaterThan(5)

    const table = await catalog.loadTable(FLIGHTS)
    const { metadata } = table
    expect(metadata.snapshots.map(({ snapshotId }) => snapshotId)).toEqual(read.ids)
    expect(metadata.currentSnapshotId).toBe(read.ids.at(-1))
    expect(await sumOwnScan()).toEqual(read.sums)
    const removed = await sumsOfSource(`origin = 'ABQ' AND date < '2001-01-16'`)
    expect(Number(removed.rows)).toBeGreaterThan(100)
    expect(Number(read.sums.rows)).toBe(Number(before.rows) + 2 - Number(removed.rows))

    const tip = metadata.snapshots.at(-1) ?? null
    expect(tip?.summary['total-records']).toBe(read.sums.rows)
    const { rowCount } = await planAt(tip?.snapshotId)
    expect(String(rowCount)).toBe(read.sums.rows)
    const reading = { store: services.stores.catalogStore('local'), signal }
    const files = await readLiveFiles(services.manifestCache, table, tip, reading)
    expect(files.filter(({ partitionLabel }) => partitionLabel === 'date_day=2001-12-24')).toHaveLength(1)
    expect(new Set(files.map(({ sequenceNumber }) => sequenceNumber)).size).toBeGreaterThan(3)
    const manifests = await readManifests(services.manifestCache, table, tip, reading)
    expect(manifests.some(({ deletedFilesCount }) => (deletedFilesCount ?? 0) > 0)).toBe(true)
    expect(String((await planAt(snapshotIds[0])).rowCount)).toBe((await sumsOfSource(`date < '2001-01-16'`)).rows)
  })

  test('after writes by PyIceberg accepts another load by the product', async () => {
    const before = await sumOwnScan()
    const [, , february] = FLIGHTS_SLICES
    await load({ ...sliceOf(february), delayName: 'arrival_delay' })
    const added = await sumsOfSource(`date >= '2001-02-01' AND date < '2001-02-16'`)
    const read = await runPython<{ sums: Sums }>(`
r = flights().scan().to_arrow()
tell({'sums': sums(r, r.column(1))})`)
    expect(Number(read.sums.rows)).toBe(Number(before.rows) + Number(added.rows))
    expect(await sumOwnScan()).toEqual(read.sums)
  })
})

type Sums = { rows: string; distance: string; delay: string; delayNulls: string; first: string; last: string }

/**
 * Loads two half months partitioned by month, renames a column, loads another half month, then one partitioned by day.
 */
async function loadFlights(): Promise<string[]> {
  const [earlyJanuary, lateJanuary, , , earlyMarch, lateMarch] = FLIGHTS_SLICES
  const target = { services, identifier: FLIGHTS, actor: EVA }
  const [first = 0, second = 0, third = 0, fourth = 0] = LOADED_AT_MS
  const schema = stringifyExactJson(schemaToJson({ schemaId: 0, identifierFieldIds: [], fields: flightsColumns() }))
  await load(sliceOf(earlyJanuary), {
    create: { schema, partitionBy: 'month(date)', properties: {} },
    committedAtMs: first,
  })
  await load(sliceOf(lateJanuary), { committedAtMs: second })
  await renameColumn({ ...target, committedAtMs: third - 1 }, 'delay', 'arrival_delay')
  await load(sliceOf(earlyMarch), { committedAtMs: third })
  await changePartitioning({ ...target, committedAtMs: fourth - 1 }, 'day(date)')
  await load(sliceOf(lateMarch), { committedAtMs: fourth })
  const { metadata } = await catalog.loadTable(FLIGHTS)
  return metadata.snapshots.map(({ snapshotId }) => snapshotId)
}

async function load(
  slice: FlightsSlice,
  { create = null, committedAtMs }: { create?: IngestSpec['create']; committedAtMs?: number } = {},
): Promise<void> {
  const file = path.join(folder, `flights-${slice.from}.parquet`)
  await writeFlightsSlice(slice, file)
  const spec: IngestSpec = {
    input: [{ location: toFileLocation(file) }],
    format: 'parquet',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create,
    ...(committedAtMs !== undefined && { history: { committedAtMs, writer: 'flights-feed' } }),
  }
  const kinds = {
    [INGEST]: ingestRuns(services, (request, hooks) => stageInput(request, (progress) => hooks.onProgress(progress))),
  }
  const run = await withWorker(services, kinds, async () => {
    const id = await queueIngest(services.database, FLIGHTS, spec, {
      userId: EVA.userId,
      username: EVA.username,
      role: EVA.role,
    })
    return followRun(services.database, id, { signal, onProgress: () => undefined, pollMs: 5 })
  })
  if (run.error) throw new Error(run.error.detail)
}

function sliceOf(slice: FlightsSlice | undefined): FlightsSlice {
  if (!slice) throw new Error('the demo has twelve slices')
  return slice
}

async function planAt(snapshotId: string | undefined) {
  const table = await catalog.loadTable(FLIGHTS)
  const snapshot = table.metadata.snapshots.find((one) => one.snapshotId === snapshotId) ?? null
  return planScan(
    { metadata: table.metadata, snapshot },
    createManifestSource(services.manifestCache, table, { store: services.stores.catalogStore('local'), signal }),
  )
}

/** Reads the files of our own plan of the current snapshot with DuckDB, by field id. */
async function sumOwnScan(): Promise<Sums> {
  const { metadata } = await catalog.loadTable(FLIGHTS)
  const tasks = await (await planAt(metadata.currentSnapshotId ?? undefined)).listTasks({ fromFile: 0 })
  const files = tasks.map(({ filePath }) => `'${services.stores.localPath(filePath)}'`).join(', ')
  return sums(`read_parquet([${files}], schema = MAP {
    1: {name: 'date', type: 'TIMESTAMP', default_value: NULL},
    2: {name: 'delay', type: 'INTEGER', default_value: NULL},
    3: {name: 'distance', type: 'INTEGER', default_value: NULL}})`)
}

function sumsOfSource(where: string): Promise<Sums> {
  return sums(`(SELECT * FROM read_parquet('${sourceFile('flights-3m.parquet')}') WHERE ${where})`)
}

async function sums(from: string): Promise<Sums> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const found = await connection.runAndReadAll(`SELECT count(*)::VARCHAR AS rows, sum(distance)::VARCHAR AS distance,
      sum(delay)::VARCHAR AS delay, (count(*) - count(delay))::VARCHAR AS "delayNulls",
      min(date)::VARCHAR AS first, max(date)::VARCHAR AS last FROM ${from}`)
    return found.getRowObjectsJson()[0] as Sums
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Runs Python on the catalog's database file. Returns what it passes to `tell`. */
async function runPython<Answer>(code: string): Promise<Answer> {
  const { databaseFile, warehouse } = services.config
  const program = `
import json, warnings
warnings.filterwarnings('ignore')
import pyarrow as pa, pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog
catalog = SqlCatalog('local', uri='sqlite:///${databaseFile}', warehouse='${warehouse}')
def flights(): return catalog.load_table('demo.flights')
def tell(answer): print(json.dumps(answer))
def sums(t, delay): return {
  'rows': str(t.num_rows), 'distance': str(pc.sum(t['distance'])), 'delay': str(pc.sum(delay)),
  'delayNulls': str(delay.null_count), 'first': str(pc.min(t['date']).as_py()), 'last': str(pc.max(t['date']).as_py())}
${code}
`
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', program])
  return JSON.parse(stdout) as Answer
}
