import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Lakeshore, startLakeshore } from '../../testing/product/lakeshore.ts'
import { type BenchDatabase, parseDatabases, startDatabase } from '../databases.ts'
import { printFigure, printSamples, round } from '../figures.mjs'
import { fill } from './fill.ts'

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '10000' },
    days: { type: 'string', default: '90' },
    rounds: { type: 'string', default: '20' },
    databases: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A catalog without a connection: nothing polls it while its pages are measured. */
const CATALOG = 'bench'
const GIB = 2 ** 30

for (const kind of parseDatabases(values.databases)) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-dashboards-'))
  const database = await startDatabase(kind)
  try {
    await measure(database, folder)
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure({ kind, settings }: BenchDatabase, folder: string): Promise<void> {
  const lakeshore = await startLakeshore(folder, { ...settings, LAKESHORE_LOG_LEVEL: 'error' })
  try {
    const target =
      kind === 'sqlite'
        ? { sqlite: `${folder}/home/lakeshore.db` }
        : { postgres: settings.LAKESHORE_DATABASE_URL ?? '' }
    const { commits, bytes, storageBytes } = await fill(target, {
      catalog: CATALOG,
      tables: Number(values.tables),
      days: Number(values.days),
      nowMs: Date.now(),
    })
    console.log(`${kind}: ${commits} commits`)
    const size = { value: round(bytes / GIB, 2), unit: 'GiB', target: 2 }
    printFigure({ question: `dashboards, ${kind}: commits with their sums and indexes`, ...size })
    console.log(`${kind}: parts, and 20 columns a table, by day: ${round(storageBytes / GIB, 2)} GiB`)
    for (const [name, address] of Object.entries(requests())) {
      const samples = await sample(lakeshore, address)
      printSamples(`${kind}: ${name}`, samples)
      const p95 = samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.95) - 1] ?? 0
      printFigure({ question: `dashboards, ${kind}: ${name}, p95`, value: round(p95, 0), unit: 'ms', target: 300 })
    }
  } finally {
    await lakeshore.stop()
  }
}

function requests(): Record<string, string> {
  const nowMs = (Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS
  const ingestion = (days: number, step: string, by: string, more: Record<string, string> = {}, offsetMs = 0) => {
    // The current hour may be the last one of its day.
    const fromMs = Math.floor((nowMs - 1) / DAY_MS) * DAY_MS - (days - 1) * DAY_MS + offsetMs
    const query = {
      fromMs: String(fromMs),
      toMs: String(nowMs),
      previousFromMs: String(fromMs - days * DAY_MS),
      timeZone: 'UTC',
      measure: 'rows',
      step,
      by,
      ...more,
    }
    return `/api/v1/dashboards/ingestion?${new URLSearchParams(query)}`
  }
  const home = new URLSearchParams({
    fromMs: String(nowMs - 30 * DAY_MS),
    toMs: String(nowMs),
    stepMs: String(DAY_MS),
  })
  const compression = (days: number, more: Record<string, string> = {}) => {
    const query = { fromMs: String(nowMs - days * DAY_MS), toMs: String(nowMs), ...more }
    return `/api/v1/dashboards/compression?${new URLSearchParams(query)}`
  }
  const growth = (table: number, range: string) =>
    `/api/v1/catalogs/${CATALOG}/namespaces/ns${Math.floor(table / 100)}/tables/table_${table}/growth?range=${range}`
  return {
    'ingestion of 24 h by writer': ingestion(1, 'hour', 'writer'),
    'ingestion of 7 d by table': ingestion(7, 'day', 'table'),
    'ingestion of 30 d by writer': ingestion(30, 'day', 'writer'),
    'ingestion of 90 d by operation': ingestion(90, 'day', 'operation'),
    'ingestion of 90 d, commits by table': ingestion(90, 'day', 'table', { measure: 'commits' }),
    // Days begin at 18:30 UTC, so they are made of hours.
    'ingestion of 30 d by writer, in Kolkata': ingestion(
      30,
      'day',
      'writer',
      { timeZone: 'Asia/Kolkata' },
      -5.5 * HOUR_MS,
    ),
    'ingestion of a year by writer': ingestion(365, 'week', 'writer'),
    'ingestion of a namespace, 30 d': ingestion(30, 'day', 'table', { catalog: CATALOG, namespace: 'ns0' }),
    'compression, 30 d': compression(30),
    'compression of a year': compression(365),
    'compression of a namespace, 30 d': compression(30, { catalog: CATALOG, namespace: 'ns0' }),
    'home, 30 d': `/api/v1/home?${home}`,
    'growth of the busiest table, 30 d': growth(0, '30d'),
    'growth of a table, 1 y': growth(5_000, '1y'),
  }
}

/** The first two requests warm up. */
async function sample({ console: page }: Lakeshore, address: string): Promise<number[]> {
  const samples: number[] = []
  for (let round = -2; round < rounds; round += 1) {
    const startMs = performance.now()
    // The server has ended idle connections while the history was filled.
    const response = await page.fetch(address).catch(() => page.fetch(address))
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${address}: ${response.status} ${text.slice(0, 500)}`)
    if (round >= 0) samples.push(performance.now() - startMs)
  }
  return samples
}
