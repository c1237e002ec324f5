import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readManifestList } from '@/testing/iceberg/read-at-once'
import { grantsOfRole } from '@/lib/permissions'
import { createServicesAt } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import type { Services } from '@/server/services'
import { avroCodecs } from '../../codecs/avro-codecs'
import { commitIntents } from './change-table'

/** Other processes of ours that work on the same home and are killed at the worst moments. */

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal

let folder: string
let services: Services
let program: string
let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'faults-'))
  process.env.LAKESHORE_HOME = path.join(folder, 'home')
  process.env.LAKESHORE_LOG_LEVEL = 'silent'
  services = createServicesAt(path.join(folder, 'home'))
  program = path.join(folder, 'other-process.cjs')
  await build({
    stdin: { contents: OTHER_PROCESS, resolveDir: process.cwd(), loader: 'ts' },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['react-server'],
    logLevel: 'error',
  })
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    properties: { 'commit.retry.num-retries': '20' },
  })
})

/** Appends endlessly, or a given number of times; prints each snapshot id as soon as it is acknowledged. */
const OTHER_PROCESS = `
import { services } from '@/testing/homes/program-services'
import { appendFiles } from '@/server/table/commit/append-files'
import { commitIntents } from '@/server/changes/actions/change-table'

const [, , work, table, count] = process.argv
const identifier = { catalog: 'local', namespace: ['demo'], table }
const actor = JSON.parse(process.env.ACTOR)
const signal = new AbortController().signal

async function main() {
  const catalog = await services.catalogs.open('local', actor)
  if (work === 'set') {
    const intents = [{ kind: 'set-property', key: 'k', value: 'v', base: null }]
    await commitIntents(services, identifier, intents, { actor, signal, requestId: null, action: 'set-properties', idempotencyKey: 'key' })
    process.kill(process.pid, 'SIGKILL')
  }
  const { metadata } = await catalog.loadTable(identifier)
  for (let i = 0; i < Number(count); i += 1) {
    const none = new Map()
    const file = {
      content: 'data', filePath: metadata.location + '/data/' + process.pid + '-' + i + '.parquet', fileFormat: 'parquet',
      specId: 0, partition: [], recordCount: 10, fileSizeBytes: 100, sortOrderId: null, equalityIds: null,
      splitOffsets: null, referencedDataFile: null,
      metrics: { columnSizesBytes: none, valueCounts: none, nullValueCounts: none, nanValueCounts: none, lowerBounds: none, upperBounds: none },
    }
    const append = { catalog, store: services.stores.catalogStore('local'), identifier, files: [file], specId: 0, schemaId: 0, actor, signal }
    const { snapshotId } = await appendFiles(services.log, append)
    process.stdout.write(snapshotId + '\\n')
  }
  await services.database.close()
}
void main()
`

type OtherProcess = {
  process: ChildProcessByStdio<null, Readable, null>
  acknowledged: string[]
  ended: Promise<unknown>
}

function start(work: 'append' | 'set', count = 0): OtherProcess {
  const child = spawn(process.execPath, [program, work, identifier.table, String(count)], {
    env: { ...process.env, ACTOR: JSON.stringify(ANN) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => acknowledged.push(line))
  const ended = Promise.all([
    new Promise((resolve) => child.once('exit', resolve)),
    new Promise((resolve) => lines.once('close', resolve)),
  ])
  return { process: child, acknowledged, ended }
}

/** Walks the table as a reader does. Every file that is named must exist and be complete. */
async function readTableState() {
  const { metadata, metadataLocation } = await catalog.loadTable(identifier)
  const store = services.stores.catalogStore('local')
  const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  const location = tip?.manifestList ?? null
  const manifests = location === null ? [] : readManifestList(await store.read(location), avroCodecs, { location })
  for (const { manifestPath, manifestLengthBytes } of manifests) {
    expect(await store.sizeBytes(manifestPath)).toBe(manifestLengthBytes)
  }
  const rows = manifests.reduce((sum, { addedRowsCount }) => sum + (addedRowsCount ?? 0), 0)
  const log = metadata.snapshotLog.map(({ snapshotId }) => snapshotId)
  return { rows, log, sequence: metadata.snapshots.map(({ sequenceNumber }) => sequenceNumber), metadataLocation, tip }
}

const metadataFiles = () =>
  readdir(path.join(services.config.homeDir, 'warehouse', 'demo', identifier.table, 'metadata'))

describe('Two processes that append to one table', () => {
  test('lose nothing and commit nothing twice', async () => {
    const children = [start('append', 15), start('append', 15)]
    await Promise.all(children.map(({ ended }) => ended))
    const acknowledged = children.flatMap((other) => other.acknowledged)
    const { rows, log, sequence, tip } = await readTableState()
    expect(acknowledged).toHaveLength(30)
    expect(log.toSorted()).toEqual(acknowledged.toSorted())
    expect(rows).toBe(300)
    expect(tip?.summary['total-records']).toBe('300')
    expect(sequence).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect((await metadataFiles()).filter((name) => name.startsWith('snap-'))).toHaveLength(30)
  })
})

describe('A process that is killed', () => {
  test('after it wrote the metadata and before the swap leaves the table unchanged', async () => {
    const before = await readTableState()
    const lock = new DatabaseSync(services.config.databaseFile)
    lock.exec('BEGIN IMMEDIATE')
    const other = start('append', 1)
    await waitUntil(async () => (await metadataFiles()).filter((name) => name.startsWith('00001-')).length === 1)
    other.process.kill('SIGKILL')
    await other.ended
    lock.exec('ROLLBACK')
    lock.close()
    expect(await readTableState()).toEqual(before)
    expect(other.acknowledged).toEqual([])

    const next = start('append', 1)
    await next.ended
    const after = await readTableState()
    expect(after.log).toEqual(next.acknowledged)
    expect(after.rows).toBe(10)
    expect((await metadataFiles()).filter((name) => name.startsWith('00001-'))).toHaveLength(2)
  })

  test('at any moment of its appends loses none that it acknowledged, and the table stays consistent', async () => {
    const acknowledged: string[] = []
    for (const lifeMs of [20, 45, 70, 130, 210]) {
      const other = start('append', 10_000)
      await waitUntil(async () => other.acknowledged.length > 0)
      await new Promise((resolve) => setTimeout(resolve, lifeMs))
      other.process.kill('SIGKILL')
      await other.ended
      acknowledged.push(...other.acknowledged)
      const { rows, log } = await readTableState()
      expect(log.filter((id) => acknowledged.includes(id)).toSorted()).toEqual(acknowledged.toSorted())
      // Only the append in progress may have been committed without being acknowledged.
      expect(log.length - acknowledged.length).toBeLessThanOrEqual(5)
      expect(rows).toBe(log.length * 10)
    }
    const audit = await listAudit(services.database, {
      tableUuid: (await catalog.loadTable(identifier)).metadata.tableUuid,
      limit: 500,
    })
    expect(audit).toHaveLength(Math.min((await readTableState()).log.length, 500))
  })

  test('after the commit and before its answer gets that answer when it repeats the request with the same key', async () => {
    await start('set').ended
    const options = { actor: ANN, signal, requestId: 'r2', action: 'set-properties', idempotencyKey: 'key' }
    const { table, auditId } = await commitIntents(
      services,
      identifier,
      [{ kind: 'set-property', key: 'k', value: 'v', base: null }],
      options,
    )
    const audit = await listAudit(services.database, { tableUuid: table.metadata.tableUuid, limit: 10 })
    expect(audit.map(({ id }) => id)).toEqual([auditId])
    expect(table.metadata.properties.k).toBe('v')
    expect((await readFile(table.metadataLocation.slice('file://'.length), 'utf8')).length).toBeGreaterThan(100)
  })
})

describe('A database that another program keeps locked', () => {
  test('delays a commit for as long as the lock is held, and does not delay reads', async () => {
    const lock = new DatabaseSync(services.config.databaseFile)
    lock.exec('BEGIN IMMEDIATE')
    const change = { requirements: [], updates: [{ action: 'set-properties' as const, updates: { k: 'v' } }] }
    let isWaiting = true
    const commit = catalog.write({ kind: 'commit-table', table: identifier, change }).finally(() => (isWaiting = false))
    // Once its metadata is written, the commit only waits for the lock.
    await waitUntil(async () => (await metadataFiles()).some((name) => name.startsWith('00001-')))
    expect((await catalog.loadTable(identifier)).metadata.properties.k).toBeUndefined()
    expect(isWaiting).toBe(true)
    lock.exec('ROLLBACK')
    lock.close()
    expect((await commit).metadata.properties.k).toBe('v')
  })
})

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 100_000
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error('waited 100 s in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
