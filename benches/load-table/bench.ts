import { parseArgs } from 'node:util'
import { printFigure, printSamples, median, round } from '../figures.mjs'
import { type Catalog, runLoad, type LoadResult, createTable, requestOrThrow, startCatalogs } from '../rest-catalogs.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'web-processes': { type: 'string', default: '2' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const LANES = 8
const SNAPSHOTS = [10, 1_000]

const webProcesses = values['web-processes']
const catalogs = await startCatalogs({ LAKESHORE_WEB_PROCESSES: webProcesses })
try {
  for (const count of SNAPSHOTS) await compare(count)
} finally {
  await catalogs.stop()
}

type LoadOptions = { lanes: number; seconds: number; headers?: Record<string, string> }

async function measurePath(
  catalog: Catalog,
  path: string,
  { lanes: count, seconds: forSeconds, headers }: LoadOptions,
): Promise<LoadResult> {
  const lanes = await catalog.openLanes(count, path, headers)
  try {
    return await runLoad(count, forSeconds, (lane) => lanes.request(lane))
  } finally {
    lanes.close()
  }
}

async function compare(snapshotCount: number): Promise<void> {
  const table = `t${snapshotCount}`
  const both = [catalogs.ours, catalogs.theirs]
  for (const catalog of both) await createTable(catalog, table, snapshotCount)
  const path = `namespaces/bench/tables/${table}`
  const busy: Record<Catalog['name'], LoadResult[]> = { lakeshore: [], fixture: [] }
  const alone: Record<Catalog['name'], LoadResult[]> = { lakeshore: [], fixture: [] }
  const unmodified: Record<Catalog['name'], LoadResult[]> = { lakeshore: [], fixture: [] }
  for (let round = 0; round <= rounds; round += 1) {
    for (const catalog of round % 2 === 0 ? both : both.toReversed()) {
      const { etag } = await requestOrThrow(catalog, 'GET', path)
      const samples = {
        busy: await measurePath(catalog, path, { lanes: LANES, seconds }),
        alone: await measurePath(catalog, path, { lanes: 1, seconds: seconds / 2 }),
        unmodified: await measurePath(catalog, path, {
          lanes: 1,
          seconds: seconds / 2,
          headers: etag === null ? {} : { 'if-none-match': etag },
        }),
      }
      if (round === 0) continue // the first round warms up both
      busy[catalog.name].push(samples.busy)
      alone[catalog.name].push(samples.alone)
      unmodified[catalog.name].push(samples.unmodified)
    }
  }
  console.log(`\nloadTable, ${snapshotCount} snapshots, ${webProcesses} web processes, Node ${process.version}\n`)
  for (const { name } of both) {
    printSamples(
      `${name}: ${LANES} at once (req/s)`,
      busy[name].map(({ perSecond }) => perSecond),
    )
    printSamples(
      `${name}: ${LANES} at once, p99 (ms)`,
      busy[name].map(({ p99Ms }) => p99Ms),
    )
    printSamples(
      `${name}: alone, p99 (ms)`,
      alone[name].map(({ p99Ms }) => p99Ms),
    )
    printSamples(
      `${name}: not modified, p99 (ms)`,
      unmodified[name].map(({ p99Ms }) => p99Ms),
    )
    console.log(`${name}: answers ${JSON.stringify(unmodified[name][0]?.statuses)} when the client has the table\n`)
  }
  const perSecond = (name: Catalog['name']) => median(busy[name].map((one) => one.perSecond))
  const ratio = round(perSecond('lakeshore') / perSecond('fixture'), 2)
  printFigure({
    question: `load-table: ${snapshotCount} snapshots, requests per second against Iceberg's fixture server`,
    ratio,
    unit: 'ratio',
    target: 2,
    met: ratio >= 2,
  })
  if (snapshotCount !== 10) return
  printFigure({
    question: 'load-table: p99, 10 snapshots',
    value: round(median(alone.lakeshore.map(({ p99Ms }) => p99Ms)), 1),
    unit: 'ms',
    target: 10,
  })
  printFigure({
    question: 'load-table: p99, not modified',
    value: round(median(unmodified.lakeshore.map(({ p99Ms }) => p99Ms)), 1),
    unit: 'ms',
    target: 5,
  })
}
