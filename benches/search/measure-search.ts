import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { embeddedCatalog } from '@/server/catalog/embedded/embedded-catalog'
import { TableLocks } from '@/server/catalog/embedded/table-locks'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { parseConfig } from '@/server/config/config'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { query } from '@/server/db/statement'
import { createServices } from '@/server/program/create-services'
import { crawlRuns } from '@/server/search/crawl-catalog'
import { searchEverything } from '@/server/search/search-lake'
import type { Services } from '@/server/services'
import { runContext } from '@/testing/jobs/run-context'

/** A lake of real metadata files, its full crawl, searches in it, and commits with and without reindex requests. */

export type SearchLake = {
  homeDir: string
  settings: Record<string, string>
  tableCount: number
  columnCount: number
  searchCount: number
  commitCount: number
}
/** `cpuMs`: of this process, without that of a server. */
export type Timing = { ms: number; cpuMs: number }
export type MeasuredSearch = {
  crawlMs: number
  /** The time of a crawl without any change. */
  recrawlMs: number
  indexBytes: number
  entryCount: number
  searches: Record<string, Timing[]>
  plainCommits: number[]
  indexedCommits: number[]
}

const TABLES_PER_NAMESPACE = 100
const SNAPSHOTS = 5
const WORDS = [
  'order customer price amount invoice shipment region country city street payment refund discount tax currency',
  'product category brand supplier stock warehouse carrier tracking session visitor campaign channel device browser',
  'sensor reading pressure humidity voltage engine vehicle driver route station passenger ticket fare weight height',
].flatMap((line) => line.split(' '))
const SUFFIXES = ['id', 'name', 'code', 'at', 'count', 'total', 'status', 'kind', 'note', 'flag']

const wordAt = (index: number) => WORDS[index % WORDS.length] ?? ''
const namespaceOf = (index: number) => `area_${Math.floor(index / TABLES_PER_NAMESPACE)}`
const tableOf = (index: number) => `${wordAt(index * 7)}_${wordAt(index * 11 + 3)}_${index}`
const snapshotIdOf = (index: number, at: number) => String(4_000_000_000_000_000_000n + BigInt(index * 1_000_003 + at))

export async function measureSearch(lake: SearchLake): Promise<MeasuredSearch> {
  const services = createServices(
    parseConfig({ LAKESHORE_HOME: lake.homeDir, LAKESHORE_LOG_LEVEL: 'error', ...lake.settings }),
  )
  try {
    const catalog = await services.catalogs.open(services.config.catalogName, actorFor(CONSOLE))
    const namespaceCount = Math.ceil(lake.tableCount / TABLES_PER_NAMESPACE)
    for (let i = 0; i < namespaceCount; i += 1)
      await catalog.write({ kind: 'create-namespace', namespace: [`area_${i}`], properties: { team: wordAt(i) } })
    await fillTables(services, lake)
    const bytesBefore = await readDatabaseBytes(services, lake)
    const crawlMs = await crawl(services)
    const recrawlMs = await crawl(services)
    const bytesAfter = await readDatabaseBytes(services, lake)
    return {
      crawlMs,
      recrawlMs,
      indexBytes: bytesAfter - bytesBefore,
      entryCount: await countEntries(services, lake),
      searches: await measureSearches(services, lake),
      ...(await measureCommits(services, catalog, lake)),
    }
  } finally {
    await services.database.close()
  }
}

/** Writes metadata files and rows of the catalog, as engines do that share the database. */
async function fillTables(services: Services, lake: SearchLake): Promise<void> {
  const { catalogName, warehouse } = services.config
  const rows: string[][] = []
  for (let index = 0; index < lake.tableCount; index += 1) {
    const [namespace, table] = [namespaceOf(index), tableOf(index)]
    const location = `${warehouse}/${namespace}/${table}`
    const file = `${location}/metadata/00000-${randomUUID()}.metadata.json`
    const filePath = file.replace(/^file:\/\//, '')
    mkdirSync(path.dirname(filePath), { recursive: true })
    writeFileSync(filePath, tableMetadata(location, index, lake.columnCount))
    rows.push([catalogName, namespace, table, file, 'TABLE'])
  }
  const insert =
    'INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type)'
  await withSql(services, lake, {
    sqlite: (database) => {
      database.exec('BEGIN')
      const statement = database.prepare(`${insert} VALUES (?, ?, ?, ?, ?)`)
      for (const row of rows) statement.run(...row)
      database.exec('COMMIT')
    },
    postgres: async (client) => {
      for (const row of rows) await client.query(`${insert} VALUES ($1, $2, $3, $4, $5)`, row)
      await client.query('ANALYZE')
    },
  })
}

function tableMetadata(location: string, index: number, columnCount: number): string {
  const fields = Array.from({ length: columnCount }, (_, column) => ({
    id: column + 1,
    name: `${wordAt(index + column * 5)}_${SUFFIXES[(index + column) % SUFFIXES.length]}_${column}`,
    required: false,
    type: column % 2 === 0 ? 'long' : 'string',
    ...(column % 5 === 0 && { doc: `The ${wordAt(index + column)} of a ${wordAt(column * 3)}` }),
  }))
  const snapshots = Array.from({ length: SNAPSHOTS }, (_, at) => ({
    'snapshot-id': `@${snapshotIdOf(index, at)}@`,
    'sequence-number': at + 1,
    'timestamp-ms': 1_700_000_000_000 + index * 1000 + at,
    'manifest-list': `${location}/metadata/snap-${snapshotIdOf(index, at)}.avro`,
    summary: { operation: 'append' },
    'schema-id': 0,
  }))
  const current = `@${snapshotIdOf(index, SNAPSHOTS - 1)}@`
  const text = JSON.stringify({
    'format-version': 2,
    'table-uuid': randomUUID(),
    location,
    'last-sequence-number': SNAPSHOTS,
    'last-updated-ms': 1_700_000_000_000 + index * 1000 + SNAPSHOTS,
    'last-column-id': columnCount,
    schemas: [{ type: 'struct', 'schema-id': 0, fields }],
    'current-schema-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'default-spec-id': 0,
    'last-partition-id': 999,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    'default-sort-order-id': 0,
    properties: {
      comment: `Everything about each ${wordAt(index * 13)}`,
      owner: `team ${wordAt(index)}`,
      'lakeshore.tags': index % 10 === 0 ? 'gold, nightly' : 'nightly',
      'write.target-file-size-bytes': '536870912',
    },
    snapshots,
    'current-snapshot-id': current,
    refs: { main: { 'snapshot-id': current, type: 'branch' } },
  })
  // Ids of 64 bits are no numbers of JavaScript.
  return text.replaceAll(/"@(\d+)@"/g, '$1')
}

async function crawl(services: Services): Promise<number> {
  const startMs = performance.now()
  const spec = { catalog: services.config.catalogName, source: 'embedded' }
  const id = await queueRun(services.database, {
    kind: 'index-catalog',
    title: 'Index',
    spec,
    actor: CONSOLE,
    table: null,
  })
  const run = await readRun(services.database, id)
  if (!run) throw new Error('the run is not queued')
  await crawlRuns(services).work(run, runContext(new AbortController().signal))
  return performance.now() - startMs
}

async function measureSearches(services: Services, { tableCount, searchCount }: SearchLake) {
  const admin = actorFor(CONSOLE)
  const at = (turn: number) => (turn * 7919) % tableCount
  const { catalogName: catalog } = services.config
  const tables = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      catalog,
      namespace: [namespaceOf(at(i + 1))],
      table: tableOf(at(i + 1)),
    }))
  const namespaces = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ catalog, namespace: [`area_${i * 3}`] }))
  const analyst = withGrants(...tables(5))
  const team = withGrants(...namespaces(10))
  const member = withGrants(...tables(200))
  const mixed = withGrants(...namespaces(30), ...tables(170))
  const kinds: Record<string, [Actor, (turn: number) => string]> = {
    'a name': [admin, (turn) => tableOf(at(turn))],
    'a word': [admin, (turn) => wordAt(turn)],
    'a beginning': [admin, (turn) => wordAt(turn).slice(0, 2 + (turn % 2))],
    'a part': [admin, (turn) => wordAt(turn).slice(1, 4 + (turn % 2))],
    'a column': [admin, (turn) => `column:${wordAt(turn)}_${SUFFIXES[turn % SUFFIXES.length]}`],
    'two words': [admin, (turn) => `${wordAt(turn)} area_${turn % 100}`],
    'a table and a column': [admin, (turn) => `${tableOf(at(turn))} ${wordAt(turn)}`],
    'a tag': [admin, () => 'tag:gold'],
    'a snapshot id': [admin, (turn) => snapshotIdOf(at(turn), 2)],
    nothing: [admin, (turn) => `zqx${turn}jkw`],
    'a word, five tables granted': [analyst, (turn) => wordAt(turn)],
    'a word, ten namespaces granted': [team, (turn) => wordAt(turn)],
    'a word, 200 tables granted': [member, (turn) => wordAt(turn)],
    'two words, 200 tables granted': [member, (turn) => `${wordAt(turn)} area_${turn % 100}`],
    'a snapshot id, 200 tables granted': [member, (turn) => snapshotIdOf(at(turn), 2)],
    'a word, 30 namespaces and 170 tables granted': [mixed, (turn) => wordAt(turn)],
  }
  // The least time that the database takes, as a baseline.
  const lookUp = { 'a row by its id': await measureLookUps(services, searchCount) }
  const searches: Record<string, Timing[]> = lookUp
  for (const [name, [actor, toWords]] of Object.entries(kinds)) {
    searches[name] = []
    for (let turn = -3; turn < searchCount; turn += 1) {
      const [startMs, cpu] = [performance.now(), process.cpuUsage()]
      await searchEverything(services, actor, toWords(Math.abs(turn)), {
        signal: new AbortController().signal,
        requestId: 'bench',
      })
      const { user, system } = process.cpuUsage(cpu)
      if (turn >= 0) searches[name].push({ ms: performance.now() - startMs, cpuMs: (user + system) / 1000 })
    }
  }
  return searches
}

async function measureLookUps({ database }: Services, count: number): Promise<Timing[]> {
  const timings: Timing[] = []
  for (let turn = 0; turn < count; turn += 1) {
    const [startMs, cpu] = [performance.now(), process.cpuUsage()]
    await database.read(query(({ db }) => db.selectFrom('search_objects').select('kind').where('id', '=', turn)))
    const { user, system } = process.cpuUsage(cpu)
    timings.push({ ms: performance.now() - startMs, cpuMs: (user + system) / 1000 })
  }
  return timings
}

function withGrants(...resources: Grant['resource'][]): Actor {
  const grants = resources.flatMap((on): Grant[] => [
    { permission: 'catalog:read', resource: on },
    { permission: 'table:read', resource: on },
  ])
  return { ...actorFor(CONSOLE), role: 'viewer', grants }
}

/** In turns, to a table of 50 columns. */
async function measureCommits(services: Services, indexed: CatalogClient, { commitCount }: SearchLake) {
  const { config, database, log, metadataFiles, stores } = services
  const { catalogName: name, warehouse } = config
  const store = stores.catalogStore(name)
  const plain = embeddedCatalog({ name, warehouse, database, store, metadataFiles, locks: new TableLocks(), log })
  const identifier = { catalog: name, namespace: [namespaceOf(0)], table: tableOf(0) }
  const commit = async (catalog: CatalogClient, turn: number) => {
    const startMs = performance.now()
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { turn: String(turn) } }],
      },
    })
    return performance.now() - startMs
  }
  const [plainCommits, indexedCommits]: [number[], number[]] = [[], []]
  for (let turn = -5; turn < commitCount; turn += 1) {
    const [plainMs, indexedMs] = [await commit(plain, turn * 2), await commit(indexed, turn * 2 + 1)]
    if (turn < 0) continue
    plainCommits.push(plainMs)
    indexedCommits.push(indexedMs)
  }
  return { plainCommits, indexedCommits }
}

type SqlWork<Result> = {
  sqlite: (database: DatabaseSync) => Result
  postgres: (client: Client) => Promise<Result>
}

async function withSql<Result>(services: Services, lake: SearchLake, work: SqlWork<Result>): Promise<Result> {
  const url = lake.settings['LAKESHORE_DATABASE_URL']
  if (url === undefined) {
    const database = new DatabaseSync(services.config.databaseFile, { timeout: 30_000 })
    try {
      return work.sqlite(database)
    } finally {
      database.close()
    }
  }
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SET search_path TO lakeshore')
    return await work.postgres(client)
  } finally {
    await client.end()
  }
}

function readDatabaseBytes(services: Services, lake: SearchLake): Promise<number> {
  return withSql(services, lake, {
    sqlite: (database) => {
      const read = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0])
      return (read('page_count') - read('freelist_count')) * read('page_size')
    },
    postgres: async (client) => {
      const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes')
      return Number(rows[0]?.bytes)
    },
  })
}

function countEntries(services: Services, lake: SearchLake): Promise<number> {
  const sql = 'SELECT count(*) AS count FROM search_entries'
  return withSql(services, lake, {
    sqlite: (database) => Number(database.prepare(sql).get()?.['count']),
    postgres: async (client) => {
      // As autovacuum does after so many rows.
      await client.query('ANALYZE')
      return Number((await client.query<{ count: string }>(sql)).rows[0]?.count)
    },
  })
}
