import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { openTestCatalog, findStrayFiles, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { grantsOfRole } from '@/lib/permissions'
import { listAudit } from '@/server/db/audit-list'
import { withWorker } from '@/server/jobs/follow-run'
import { ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'
import { readHome } from '@/server/metrics/facts/read-home'
import { commitIntents } from '@/server/changes/actions/change-table'
import { snapshotWriter } from '@/server/table/summary-counts'
import { readLiveFiles } from '@/server/table/files/live-files'
import { runKinds } from '@/server/worker/run-kinds'
import { type DemoProgress, createDemoLake } from './demo-lake'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Just before midnight in UTC: no test may depend on the hour at which the lake is created. */
const CREATED_AT_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 1

const home = createTestHome()

const make = (signal = new AbortController().signal, onProgress: (progress: DemoProgress) => void = () => {}) =>
  withWorker(home.services, runKinds(home.services), () =>
    createDemoLake(home.services, { signal, onProgress, nowMs: CREATED_AT_MS }),
  )

async function table(namespace: string, name: string) {
  return (await openTestCatalog(home.services)).loadTable({
    catalog: home.config.catalogName,
    namespace: [namespace],
    table: name,
  })
}

const flightsByRoute = () => ({ catalog: home.config.catalogName, namespace: ['demo'], view: 'flights_by_route' })

describe('The demo lake', () => {
  // More than three million rows.
  it('is created again from scratch after it was interrupted', { timeout: 600_000 }, async () => {
    const stop = new AbortController()
    const first = make(stop.signal, ({ step }) => {
      if (step.startsWith('demo.flights 2001-02 first')) stop.abort(new Error('interrupted'))
    })
    await expect(first).rejects.toThrow(/cancelled|interrupted/)
    expect((await table('demo', 'flights')).metadata.snapshots.length).toBeGreaterThan(1)

    const shares: number[] = []
    expect(await make(undefined, ({ doneBytes, totalBytes }) => shares.push(doneBytes / totalBytes))).toBe(true)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('has all flights of the source, in twelve loads', async () => {
    const loaded = await table('demo', 'flights')
    const { metadata } = loaded
    expect(metadata.snapshots).toHaveLength(12)
    expect(metadata.snapshots.at(-1)?.summary['total-records']).toBe('3000000')
    const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
    const files = await readLiveFiles(home.services.manifestCache, loaded, tip, {
      store: home.services.stores.catalogStore(home.config.catalogName),
      signal: AbortSignal.timeout(60_000),
    })
    const paths = files.map(({ dataFile }) => `'${dataFile.filePath.slice('file://'.length)}'`).join(', ')
    // Columns are matched by field id, as the tip's schema does, because the column of delays was renamed.
    const sums = (relation: string, delay: string, route: string) =>
      queryDuckdb(
        `SELECT count(*), sum(${delay})::BIGINT, sum(distance)::BIGINT, min(date), max(date), ${route} FROM ${relation}`,
      )
    const schema = `MAP {1: {'name': 'date', 'type': 'TIMESTAMP', 'default_value': NULL}, 2: {'name': 'delay', 'type': 'INTEGER', 'default_value': NULL}, 3: {'name': 'distance', 'type': 'INTEGER', 'default_value': NULL}, 6: {'name': 'route', 'type': 'VARCHAR', 'default_value': NULL}}`
    const source = path.resolve('node_modules/vega-datasets/data/flights-3m.parquet')
    const read = await sums(`read_parquet([${paths}], schema = ${schema})`, 'delay', 'count(*) FILTER (route IS NULL)')
    expect(read).toEqual(
      await sums(`read_parquet('${source}')`, 'delay', "count(*) FILTER (date < TIMESTAMP '2001-04-01')"),
    )
  })

  it('shows how a table evolves', async () => {
    const { metadata } = await table('demo', 'flights')
    expect(metadata.schemas.map(({ fields }) => fields.map(({ name }) => name))).toEqual([
      ['date', 'delay', 'distance', 'origin', 'destination'],
      ['date', 'arrival_delay', 'distance', 'origin', 'destination'],
      ['date', 'arrival_delay', 'distance', 'origin', 'destination', 'route'],
    ])
    expect(metadata.partitionSpecs.map(({ fields }) => fields.map(({ transform }) => transform))).toEqual([
      ['month'],
      ['day'],
    ])
    expect(Object.entries(metadata.refs).map(([name, { type }]) => [name, type])).toEqual(
      expect.arrayContaining([
        ['main', 'branch'],
        ['q1-2001', 'tag'],
        ['before-daily-partitions', 'branch'],
      ]),
    )
    expect(metadata.properties).toMatchObject({ owner: 'operations' })
  })

  it('has the other tables, in two namespaces', async () => {
    const catalog = await openTestCatalog(home.services)
    const counts: Record<string, string | undefined> = {}
    for (const namespace of await catalog.listNamespaces(null)) {
      for (const identifier of await catalog.listTables(namespace)) {
        const { metadata } = await catalog.loadTable(identifier)
        const current = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
        counts[[...identifier.namespace, identifier.table].join('.')] = current?.summary['total-records']
      }
    }
    expect(counts).toEqual({
      'demo.airports': '3376',
      'demo.birdstrikes': '10000',
      'demo.earthquakes': '1707',
      'demo.flights': '3000000',
      'demo.species': '12360',
      'demo.weather': '2922',
      'stocks.daily': '5105',
    })
  })

  it('spreads its commits over the thirty days before, with a rhythm, a gap and a writer', async () => {
    const flights = await table('demo', 'flights')
    const hoursAgo = flights.metadata.snapshots.map(({ timestampMs }) => (CREATED_AT_MS - timestampMs) / HOUR_MS)
    expect(hoursAgo.every((hours) => hours > 1 && hours < 30 * 24)).toBe(true)
    const gaps = hoursAgo.slice(1).map((hours, index) => Math.round((hoursAgo[index] ?? 0) - hours))
    expect(gaps).toEqual([48, 48, 48, 48, 192, 48, 48, 48, 48, 48, 48])
    expect(new Set(flights.metadata.snapshots.map(snapshotWriter))).toEqual(new Set(['flights-feed']))
    const weather = await table('demo', 'weather')
    expect(weather.metadata.snapshots.map(snapshotWriter)).toEqual(Array(4).fill('weather-feed'))
  })

  it('has a load that was taken back, and a codec that files do not have yet', async () => {
    const species = (await table('demo', 'species')).metadata
    expect(species.snapshots).toHaveLength(2)
    expect(species.currentSnapshotId).toBe(species.snapshots[0]?.snapshotId)
    const { metadata } = await table('demo', 'birdstrikes')
    expect(metadata.properties['write.parquet.compression-codec']).toBe('zstd')
    expect(metadata.lastUpdatedMs).toBeGreaterThan(metadata.snapshots.at(-1)?.timestampMs ?? Infinity)
  })

  it('keeps every time of its metadata in order, and says that they are spread', async () => {
    const catalog = await openTestCatalog(home.services)
    for (const namespace of await catalog.listNamespaces(null)) {
      for (const identifier of await catalog.listTables(namespace)) {
        const { metadata } = await catalog.loadTable(identifier)
        const { snapshots, snapshotLog, metadataLog, lastUpdatedMs } = metadata
        const snapshotTimes = snapshots.map(({ timestampMs }) => timestampMs)
        const rolledBackTo = identifier.table === 'species' ? [CREATED_AT_MS + 1 - 118 * HOUR_MS] : []
        expect(snapshotLog.map(({ timestampMs }) => timestampMs)).toEqual([...snapshotTimes, ...rolledBackTo])
        expect(snapshots.map(({ sequenceNumber }) => sequenceNumber)).toEqual(snapshots.map((_, index) => index + 1))
        const versionTimes = [...metadataLog.map(({ timestampMs }) => timestampMs), lastUpdatedMs]
        expect(versionTimes).toEqual(versionTimes.toSorted((a, b) => a - b))
        expect(Math.min(...versionTimes)).toBe(snapshotTimes[0])
        expect(Math.max(...snapshotTimes, ...versionTimes)).toBeLessThan(CREATED_AT_MS)
        expect(metadata.properties['comment']).toContain('spreads its commits over thirty days')
      }
    }
  })

  it('has an audit in the order of these times', async () => {
    const newest = await listAudit(home.database, { limit: 100 })
    // Entries of the attempt that succeeded, after those of the clean-up.
    const entries = newest
      .slice(
        0,
        newest.findIndex(({ action }) => action === 'drop-namespace'),
      )
      .toReversed()
    const times = entries.map(({ atMs }) => atMs)
    const { metadata } = await table('demo', 'flights')
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(
      entries
        .filter(({ tableUuid, action }) => tableUuid === metadata.tableUuid && action === 'append')
        .map(({ atMs }) => atMs),
    ).toEqual(metadata.snapshots.map(({ timestampMs }) => timestampMs))
  })

  it('is shown over thirty days by Home', async () => {
    const { userId, username } = await signInAs(home.services, 'admin')
    const actor = { userId, username, role: 'admin' as const, grants: grantsOfRole('admin') }
    const span = { fromMs: CREATED_AT_MS - 30 * DAY_MS, toMs: CREATED_AT_MS, stepMs: DAY_MS }
    const { signal } = new AbortController()
    const source = ownCatalogSource(home.services, signal)
    while ((await recordTableChanges(home.services, source, signal)).used > 0);
    const shown = await readHome(home.services, actor, span, { nowMs: CREATED_AT_MS })
    expect(shown.demoTableCount).toBe(7)
    expect(shown.day).toMatchObject({ commits: 1, commitsDayBefore: 0 })
    const rhythms = new Map(shown.freshness.map(({ table, ...rhythm }) => [table.table, rhythm]))
    expect(rhythms.get('flights')).toEqual({
      lastCommitMs: CREATED_AT_MS + 1 - 2 * HOUR_MS,
      medianIntervalMs: 2 * DAY_MS,
    })
    expect(rhythms.get('weather')).toMatchObject({ medianIntervalMs: 7 * DAY_MS })
    expect(shown.buckets.filter(({ rows }) => rows.some((count) => count > 0)).length).toBeGreaterThanOrEqual(12)
    // The clean-up of the interrupted attempt happened now.
    const events = shown.events.filter(({ atMs }) => atMs < CREATED_AT_MS)
    expect(events[0]).toMatchObject({ action: 'append', target: { table: 'flights' } })
  })

  it('has a view over the flights, which gained a second dialect', async () => {
    const { metadata } = await (await openTestCatalog(home.services)).loadView(flightsByRoute())
    expect(metadata.versions.map(({ representations }) => representations.length)).toEqual([1, 2])
    expect(metadata.schemas.map(({ fields }) => fields.length)).toEqual([3, 4])
    const entries = await listAudit(home.database, { tableUuid: metadata.viewUuid, limit: 10 })
    expect(entries.map(({ action, actor }) => `${actor.username}: ${action}`)).toEqual([
      'demo: replace-view',
      'demo: create-view',
    ])
  })

  it('is created once, and never in a catalog that has other tables', async () => {
    expect(await make()).toBe(false)
    rmSync(path.join(home.config.homeDir, 'demo-lake'))
    expect(await make()).toBe(false)
  })

  it('that was interrupted removes nothing of others when it is repeated', async () => {
    const catalog = await openTestCatalog(home.services)
    const identifier = { catalog: home.config.catalogName, namespace: ['demo'], table: 'mine' }
    const schema = {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
    }
    await catalog.write({ kind: 'create-table', table: identifier, schema })
    await commitIntents(
      home.services,
      { ...identifier, table: 'airports' },
      [{ kind: 'set-property', key: 'team', value: 'x', base: null }],
      {
        actor: TEST_ACTOR,
        signal: new AbortController().signal,
        requestId: null,
      },
    )
    writeFileSync(path.join(home.config.homeDir, 'demo-lake'), 'begun\n')
    expect(await make()).toBe(false)
    expect(await catalog.listViews(['demo'])).toEqual([])
    expect((await catalog.listTables(['demo'])).map(({ table }) => table)).toEqual(['airports', 'mine'])
    expect(existsSync(home.services.stores.localPath((await table('demo', 'airports')).metadata.location))).toBe(true)
  })
})
