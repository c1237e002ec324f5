import { parseArgs } from 'node:util'
import { figure, line, median, round } from '../figures.mjs'
import { type Catalog, load, type Load, makeTable, must, startCatalogs } from '../rest-catalogs.ts'

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

type Asking = { lanes: number; seconds: number; headers?: Record<string, string> }

async function ask(
  catalog: Catalog,
  path: string,
  { lanes: count, seconds: forSeconds, headers }: Asking,
): Promise<Load> {
  const lanes = await catalog.openLanes(count, path, headers)
  try {
    return await load(count, forSeconds, (lane) => lanes.ask(lane))
  } finally {
    lanes.close()
  }
}

async function compare(snapshotCount: number): Promise<void> {
  const table = `t${snapshotCount}`
  const both = [catalogs.ours, catalogs.theirs]
  for (const catalog of both) await makeTable(catalog, table, snapshotCount)
  const path = `namespaces/bench/tables/${table}`
  const busy: Record<Catalog['name'], Load[]> = { lakeshore: [], fixture: [] }
  const alone: Record<Catalog['name'], Load[]> = { lakeshore: [], fixture: [] }
  const unmodified: Record<Catalog['name'], Load[]> = { lakeshore: [], fixture: [] }
  for (let round = 0; round <= rounds; round += 1) {
    for (const catalog of round % 2 === 0 ? both : both.toReversed()) {
      const { etag } = await must(catalog, 'GET', path)
      const samples = {
        busy: await ask(catalog, path, { lanes: LANES, seconds }),
        alone: await ask(catalog, path, { lanes: 1, seconds: seconds / 2 }),
        unmodified: await ask(catalog, path, {
          lanes: 1,
          seconds: seconds / 2,
          headers: etag === null ? {} : { 'if-none-match': etag },
        }),
      }
      if (round === 0) continue // the first round warms both up
      busy[catalog.name].push(samples.busy)
      alone[catalog.name].push(samples.alone)
      unmodified[catalog.name].push(samples.unmodified)
    }
  }
  console.log(`\nloadTable, ${snapshotCount} snapshots, ${webProcesses} web processes, Node ${process.version}\n`)
  for (const { name } of both) {
    line(
      `${name}: ${LANES} at once (req/s)`,
      busy[name].map(({ perSecond }) => perSecond),
    )
    line(
      `${name}: ${LANES} at once, p99 (ms)`,
      busy[name].map(({ p99Ms }) => p99Ms),
    )
    line(
      `${name}: alone, p99 (ms)`,
      alone[name].map(({ p99Ms }) => p99Ms),
    )
    line(
      `${name}: not modified, p99 (ms)`,
      unmodified[name].map(({ p99Ms }) => p99Ms),
    )
    console.log(`${name}: answers ${JSON.stringify(unmodified[name][0]?.statuses)} where the client has the table\n`)
  }
  const perSecond = (name: Catalog['name']) => median(busy[name].map((one) => one.perSecond))
  const ratio = round(perSecond('lakeshore') / perSecond('fixture'), 2)
  figure({
    question: `load-table: ${snapshotCount} snapshots, requests per second against Iceberg's fixture server`,
    ratio,
    unit: 'ratio',
    target: 2,
    met: ratio >= 2,
  })
  if (snapshotCount !== 10) return
  figure({
    question: 'load-table: p99, 10 snapshots',
    value: round(median(alone.lakeshore.map(({ p99Ms }) => p99Ms)), 1),
    unit: 'ms',
    target: 10,
  })
  figure({
    question: 'load-table: p99, not modified',
    value: round(median(unmodified.lakeshore.map(({ p99Ms }) => p99Ms)), 1),
    unit: 'ms',
    target: 5,
  })
}
