import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Lakeshore, startLakeshore } from '../../testing/product/lakeshore.ts'
import { type BenchDatabase, parseDatabases, type DatabaseKind, startDatabase } from '../databases.ts'
import { printFigure, printSamples, median, round } from '../figures.mjs'
import { type Catalog, createCatalogClient, runLoad, createTable, requestOrThrow } from '../rest-catalogs.ts'
import { fillPostgres, fillSqlite } from './fill.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '100,10000,100000' },
    snapshots: { type: 'string', default: '10000' },
    databases: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const sizes = values.sizes.split(',').map(Number)
const COMMIT_TABLES = 20
const CREATE_LANES = 4

type Measures = Record<(typeof MEASURES)[number]['name'], number[]>
const MEASURES = [
  { name: 'creates', unit: 'creates/s', isRate: true },
  { name: 'commits', unit: `commits/s, ${COMMIT_TABLES} tables`, isRate: true },
  { name: 'loads', unit: 'ms, load-table p99', isRate: false },
  { name: 'tables', unit: 'ms, list of a namespace of 100 tables, p50', isRate: false },
  { name: 'namespaces', unit: 'ms, a page of two namespaces, p50', isRate: false },
  { name: 'children', unit: 'ms, a page of the console for a namespace, p50', isRate: false },
  { name: 'tree', unit: 'ms, the console’s list of top namespaces, at most 1,000, p50, for each', isRate: false },
  { name: 'search', unit: 'ms, a search of everything as the palette sends it, p50', isRate: false },
  { name: 'memory', unit: 'MiB, the web process, resident', isRate: false },
] as const

for (const kind of parseDatabases(values.databases)) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-fleet-'))
  const database = await startDatabase(kind)
  try {
    await measureFleet(database, folder)
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureFleet(database: BenchDatabase, folder: string): Promise<void> {
  const lakeshore = await startLakeshore(folder, { ...database.settings, LAKESHORE_LOG_LEVEL: 'error' })
  const catalog = createCatalogClient('lakeshore', `${lakeshore.uri}/v1/${lakeshore.warehouse}`, lakeshore.token)
  try {
    await requestOrThrow(catalog, 'POST', 'namespaces', { namespace: ['bench'] })
    for (let table = 0; table < COMMIT_TABLES; table += 1) await createTable(catalog, `t${table}`, 10)
    const bySize = new Map<number, Measures>()
    let filledCount = 0
    for (const size of sizes) {
      await fillTo(size, filledCount, database, folder, lakeshore)
      filledCount = size
      bySize.set(size, await measureAt(catalog, lakeshore, { size, folder }))
    }
    report(database.kind, bySize)
    await measureSnapshots(database.kind, catalog, lakeshore)
  } finally {
    await lakeshore.stop()
  }
}

async function fillTo(
  size: number,
  filledCount: number,
  { kind, settings }: BenchDatabase,
  folder: string,
  { warehouse }: Lakeshore,
): Promise<void> {
  const fill = { from: filledCount, to: size, catalog: warehouse, warehouse: `file://${folder}/home/warehouse` }
  if (kind === 'sqlite') fillSqlite(`${folder}/home/lakeshore.db`, fill)
  else await fillPostgres(settings.LAKESHORE_DATABASE_URL ?? '', fill)
}

/** The first round warms up. */
async function measureAt(
  catalog: Catalog,
  lakeshore: Lakeshore,
  { size, folder }: { size: number; folder: string },
): Promise<Measures> {
  const measures: Measures = {
    creates: [],
    commits: [],
    loads: [],
    tables: [],
    namespaces: [],
    children: [],
    tree: [],
    search: [],
    memory: [],
  }
  const namespaceCount = Math.ceil(size / 100)
  let created = 0
  for (let round = 0; round <= rounds; round += 1) {
    const creates = await runLoad(CREATE_LANES, seconds, () => {
      created += 1
      const body = { name: `made_${size}_${created}`, schema: { type: 'struct', fields: [] } }
      return catalog.request('POST', 'namespaces/bench/tables', { body })
    })
    const commits = await runLoad(COMMIT_TABLES, seconds, (lane) =>
      catalog.request('POST', `namespaces/bench/tables/t${lane}`, {
        body: { requirements: [], updates: [{ action: 'set-properties', updates: { at: String(Math.random()) } }] },
      }),
    )
    const loads = await runLoad(4, seconds, (lane) => catalog.request('GET', `namespaces/bench/tables/t${lane}`))
    const tables = await runLoad(1, 1, () =>
      catalog.request('GET', `namespaces/fill_${Math.floor(Math.random() * namespaceCount)}/tables`),
    )
    const namespaces = await runLoad(1, 1, () => catalog.request('GET', 'namespaces?pageSize=2&pageToken='))
    const page = `/api/v1/catalogs/${lakeshore.warehouse}/namespaces/fill_0`
    const children = await runLoad(1, 1, () => requestConsole(lakeshore, page))
    const tree = await runLoad(1, 1, () =>
      requestConsole(lakeshore, `/api/v1/catalogs/${lakeshore.warehouse}/namespaces`),
    )
    const search = await runLoad(1, 1, () =>
      requestConsole(lakeshore, `/api/v1/search?query=table_${Math.floor(Math.random() * size)}`),
    )
    for (const one of [creates, commits, loads, tables, namespaces, children, tree, search])
      throwOnFailures(one.statuses)
    if (round === 0) continue
    measures.creates.push(creates.perSecond)
    measures.commits.push(commits.perSecond)
    measures.loads.push(loads.p99Ms)
    measures.tables.push(tables.p50Ms)
    measures.namespaces.push(namespaces.p50Ms)
    measures.children.push(children.p50Ms)
    // The namespaces of the fleet, and the one of the measured tables.
    measures.tree.push(tree.p50Ms / Math.min(namespaceCount + 1, 1_000))
    measures.search.push(search.p50Ms)
    measures.memory.push(residentMiB(folder))
  }
  return measures
}

function throwOnFailures(statuses: Record<number, number>): void {
  const failed = Object.keys(statuses).filter((status) => Number(status) >= 400)
  if (failed.length > 0) throw new Error(`Requests to the fleet failed: ${JSON.stringify(statuses)}`)
}

/** Measures the metadata of a table with many snapshots, and the pages of its snapshots and history. */
async function measureSnapshots(kind: DatabaseKind, catalog: Catalog, lakeshore: Lakeshore): Promise<void> {
  const count = Number(values.snapshots)
  await createManySnapshots(catalog, 'many', count)
  const base = `/api/v1/catalogs/${lakeshore.warehouse}/namespaces/bench/tables/many`
  for (const [page, address] of [
    ['overview', base],
    ['snapshots', `${base}/snapshots`],
    ['history', `${base}/history`],
  ] as const) {
    const result = await runLoad(1, 3, () => requestConsole(lakeshore, address))
    throwOnFailures(result.statuses)
    const value = round(result.p50Ms, 0)
    printFigure({ question: `fleet, ${kind}: ${page} of ${count} snapshots`, value, unit: 'ms', target: 1_000 })
  }
}

/** Adds many snapshots with each commit, because only the resulting table is measured. */
async function createManySnapshots(catalog: Catalog, name: string, count: number): Promise<void> {
  const created = await requestOrThrow(catalog, 'POST', 'namespaces/bench/tables', {
    name,
    schema: { type: 'struct', fields: [] },
  })
  const { location } = (JSON.parse(created.text) as { metadata: { location: string } }).metadata
  const PER_COMMIT = 500
  for (let first = 1; first <= count; first += PER_COMMIT) {
    const numbers = Array.from({ length: Math.min(PER_COMMIT, count - first + 1) }, (_, index) => first + index)
    const snapshots = numbers.map((number) => ({
      action: 'add-snapshot',
      snapshot: {
        'snapshot-id': number,
        ...(number > 1 && { 'parent-snapshot-id': number - 1 }),
        'sequence-number': number,
        'timestamp-ms': Date.now(),
        'manifest-list': `${location}/metadata/snap-${number}.avro`,
        'schema-id': 0,
        summary: { operation: 'append', 'added-records': '1000', 'total-records': String(number * 1000) },
      },
    }))
    const ref = { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': numbers.at(-1) }
    await requestOrThrow(catalog, 'POST', `namespaces/bench/tables/${name}`, {
      requirements: [],
      updates: [...snapshots, ref],
    })
  }
}

function report(kind: DatabaseKind, bySize: ReadonlyMap<number, Measures>): void {
  const [smallest] = sizes
  const largest = sizes.at(-1)
  const [base, last] = [bySize.get(smallest ?? 0), bySize.get(largest ?? 0)]
  if (!base || !last) throw new Error('No sizes were measured.')
  for (const { name, unit, isRate } of MEASURES) {
    console.log(`\n${kind}: ${name} (${unit})`)
    for (const [size, measures] of bySize) printSamples(`${size} tables`, measures[name])
    const ratio = isRate ? median(base[name]) / median(last[name]) : median(last[name]) / median(base[name])
    const question = `fleet, ${kind}: ${name} at ${largest} tables over ${smallest}`
    printFigure({ question, ratio: round(ratio, 2), unit: 'ratio', target: 1.3 })
  }
}

async function requestConsole({ console: page }: Lakeshore, address: string): Promise<{ status: number }> {
  const response = await page.fetch(address)
  await response.arrayBuffer()
  return response
}

/** Memory of all web processes of this home together. */
function residentMiB(folder: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isWebProcess(name, folder))
  if (pids.length === 0) throw new Error('There is no web process.')
  return pids.reduce((sum, pid) => sum + residentKiB(pid) / 1024, 0)
}

function isWebProcess(pid: string, folder: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes('build/web.mjs') && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)
  } catch {
    return false // it has ended, or belongs to another user
  }
}

function residentKiB(pid: string): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN)
}
