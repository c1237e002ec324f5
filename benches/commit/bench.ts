import { parseArgs } from 'node:util'
import { parseDatabases, type DatabaseKind, startDatabase } from '../databases.ts'
import { printFigure, printSamples, median, round } from '../figures.mjs'
import {
  type Catalog,
  type Catalogs,
  runLoad,
  type LoadResult,
  createTable,
  requestOrThrow,
  startCatalogs,
} from '../rest-catalogs.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    databases: { type: 'string' },
    'web-processes': { type: 'string', default: '1,2' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const webProcesses = values['web-processes'].split(',')
const TABLES = 20
/** Ours over the fixture's: PostgreSQL is another server, to which each commit takes two round trips. */
const MIN_RATIOS: Readonly<Record<DatabaseKind, number>> = { sqlite: 2, postgres: 1.2 }

for (const kind of parseDatabases(values.databases)) {
  const byProcesses: number[] = []
  for (const count of webProcesses) byProcesses.push(await compare(kind, count))
  const [first = 0] = byProcesses
  for (const [index, perSecond] of byProcesses.entries()) {
    if (index === 0) continue
    printFigure({
      question: `commit, ${kind}: ${webProcesses[index]} web processes over ${webProcesses[0]}, ${TABLES} tables`,
      ratio: round(perSecond / first, 2),
      unit: 'ratio',
      target: 1,
      met: perSecond >= first,
    })
  }
}

/** @returns the median of commits a second to many tables */
async function compare(kind: DatabaseKind, processCount: string): Promise<number> {
  const database = await startDatabase(kind)
  const catalogs = await startCatalogs({ ...database.settings, LAKESHORE_WEB_PROCESSES: processCount })
  try {
    return await measure(catalogs, kind, processCount)
  } finally {
    await catalogs.stop()
    await database.stop()
  }
}

async function measure(catalogs: Catalogs, kind: DatabaseKind, processCount: string): Promise<number> {
  const setup = `${kind}, ${processCount} web processes`
  const both = [catalogs.ours, catalogs.theirs]
  for (const catalog of both) {
    for (let table = 0; table < TABLES; table += 1) await createTable(catalog, `t${table}`, 10)
  }
  const many: Record<Catalog['name'], LoadResult[]> = { lakeshore: [], fixture: [] }
  const one: Record<Catalog['name'], LoadResult[]> = { lakeshore: [], fixture: [] }
  const lost: Record<Catalog['name'], number> = { lakeshore: 0, fixture: 0 }
  for (let round = 0; round <= rounds; round += 1) {
    for (const catalog of round % 2 === 0 ? both : both.toReversed()) {
      const counter = createCommitCounter(catalog)
      const spread = await runLoad(TABLES, seconds, (lane) => counter.commit(lane))
      const single = await runLoad(1, seconds / 2, () => counter.commit(0))
      lost[catalog.name] += await counter.lost()
      if (round === 0) continue // the first round warms up both
      many[catalog.name].push(spread)
      one[catalog.name].push(single)
    }
  }
  console.log(`\n${setup}: commits of one property, ${TABLES} tables at once and one alone, Node ${process.version}\n`)
  for (const { name } of both) {
    printSamples(`${name}: ${TABLES} tables (commits/s)`, many[name].map(okPerSecond))
    printSamples(
      `${name}: ${TABLES} tables, p99 (ms)`,
      many[name].map(({ p99Ms }) => p99Ms),
    )
    printSamples(`${name}: one table (commits/s)`, one[name].map(okPerSecond))
    console.log(`${name}: answers ${JSON.stringify(many[name].map(({ statuses }) => statuses))}, lost ${lost[name]}\n`)
  }
  const perSecond = median(many.lakeshore.map(okPerSecond))
  const printCommits = (question: string, value: number, target: number) =>
    printFigure({ question, value: round(value, 0), unit: 'commits/s', target, met: value >= target })
  printCommits(`commit, ${setup}: ${TABLES} tables in parallel, durable`, perSecond, 100)
  printCommits(`commit, ${setup}: one table, durable`, median(one.lakeshore.map(okPerSecond)), 50)
  printFigure({
    question: `commit, ${setup}: acknowledged and not there`,
    value: lost.lakeshore,
    unit: 'commits',
    target: 0,
  })
  const ratio = perSecond / median(many.fixture.map(okPerSecond))
  printFigure({
    question: `commit, ${setup}: ${TABLES} tables against Iceberg's fixture server (which does not fsync its files)`,
    ratio: round(ratio, 2),
    unit: 'ratio',
    target: MIN_RATIOS[kind],
    met: ratio >= MIN_RATIOS[kind],
  })
  return perSecond
}

function okPerSecond({ perSecond, statuses, count }: LoadResult): number {
  return (perSecond * (statuses[200] ?? 0)) / Math.max(count, 1)
}

/** Creates commits that each set a unique property, so that every acknowledged one can be found again. */
function createCommitCounter(catalog: Catalog) {
  const acknowledged = Array.from({ length: TABLES }, () => new Set<string>())
  let number = 0
  const run = Math.random().toString(36).slice(2)
  return {
    async commit(table: number) {
      number += 1
      const key = `${run}-${number}`
      const answer = await catalog.request('POST', `namespaces/bench/tables/t${table}`, {
        body: { requirements: [], updates: [{ action: 'set-properties', updates: { [`c${table}`]: key } }] },
      })
      if (answer.status === 200) acknowledged[table]?.add(key)
      return answer
    },
    /**
     * Counts acknowledged commits that are missing from the table's history, in which each commit is one metadata file.
     */
    async lost(): Promise<number> {
      let missing = 0
      for (const [table, keys] of acknowledged.entries()) {
        if (keys.size === 0) continue
        const answer = await requestOrThrow(catalog, 'GET', `namespaces/bench/tables/t${table}`)
        const { metadata } = JSON.parse(answer.text) as { metadata: { properties: Record<string, string> } }
        if (!keys.has(metadata.properties[`c${table}`] ?? '')) missing += 1
      }
      return missing
    },
  }
}
