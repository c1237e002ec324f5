import { parseArgs } from 'node:util'
import { startConsole } from '../console.mjs'
import { openBrowser } from './in-browser.mjs'
import { loadThreeYears } from './three-years.mjs'
import { COLUMNS, openNative } from './native.mjs'
import { printFigure, printSamples, median, round } from '../figures.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    address: { type: 'string' },
    password: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const TABLE = 'demo.flights'
const THREE_YEARS = 'bench.three_years'
const GROUP_BY =
  'select origin, count(*) as flights, avg(arrival_delay) as mean_delay from TABLE group by 1 order by 2 desc'
/** One day of the six months of the demo table, and of a table of three years. */
const DAYS = [
  { table: TABLE, column: 'date', from: '2001-03-05', to: '2001-03-06' },
  { table: THREE_YEARS, column: 'date', from: '2022-07-05', to: '2022-07-06' },
]
const COLD = { 'one column': ['arrival_delay'], 'five columns': COLUMNS.map(({ name }) => name) }

const lake =
  values.address === undefined
    ? await startConsole((run) => loadThreeYears(THREE_YEARS, run))
    : { address: values.address, password: values.password ?? '', stop: () => Promise.resolve() }
try {
  const browser = await openBrowser(lake)
  try {
    const native = await openNative(await browser.listFiles(TABLE))
    const groupBy = await compareGroupBy(browser, native)
    report({ groupBy, cold: await compareCold(browser, native), days: await compareDays(browser) }, native)
  } finally {
    await browser.close()
  }
} finally {
  await lake.stop()
}

/** Runs the same statement over loaded columns, in turns. */
async function compareGroupBy(browser, native) {
  const page = await browser.openQuery()
  const ours = []
  const theirs = []
  await native.load(COLD['five columns'])
  await page.run(GROUP_BY.replace('TABLE', TABLE))
  await native.time(GROUP_BY)
  for (let round = 0; round < rounds; round += 1) {
    // Another name each time: the result of the same statement would come from the page's cache.
    const sql = GROUP_BY.replace('TABLE', TABLE).replace('mean_delay', `mean_delay_${round}`)
    ours.push((await page.run(sql)).runMs)
    theirs.push(await native.time(GROUP_BY))
  }
  await page.close()
  return { ours, theirs }
}

/** Queries columns that are not loaded yet, each time in a new context. */
async function compareCold(browser, native) {
  const cold = {}
  for (const [name, columns] of Object.entries(COLD)) {
    const sql = `select ${columns.map((column) => `max(${column})`).join(', ')} from ${TABLE}`
    const samples = []
    const theirs = []
    // One warm-up, after which the server has planned the table and the files are in the page cache.
    for (let round = -1; round < rounds; round += 1) {
      const page = await browser.openQuery()
      const start = await page.run('select 1')
      const timing = await page.run(sql)
      const sample = { ...timing, startMs: start.startMs, wireBytes: page.fileBytes() }
      await page.close()
      const nativeMs = await native.load(columns)
      if (round < 0) continue
      samples.push(sample)
      theirs.push(nativeMs)
    }
    cold[name] = { samples, theirs, neededBytes: await native.storedBytes(columns) }
  }
  return cold
}

/** Queries one day, and the same without a filter that could skip anything, in turns and each in a new context. */
async function compareDays(browser) {
  const days = []
  for (const { table, column, from, to } of DAYS) {
    if (table !== TABLE && values.address !== undefined) continue
    const sql = (tested) =>
      `select origin, count(*), avg(arrival_delay) from ${table} where ${tested} >= '${from}' and ${tested} < '${to}' group by 1`
    const samples = { filtered: [], whole: [] }
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, tested] of [
        ['filtered', column],
        // Not a column, so no filter of the scan.
        ['whole', `(${column} + interval 0 day)`],
      ]) {
        const page = await browser.openQuery()
        await page.run('select 1')
        const timing = await page.run(sql(tested))
        if (round >= 0) samples[name].push({ ...timing, wireBytes: page.fileBytes() })
        await page.close()
      }
    }
    days.push({ table, ...samples })
  }
  return days
}

function report({ groupBy, cold, days }, native) {
  console.log(`\n3,000,000 rows, ${native.fileCount} files; native DuckDB ${native.version}, one thread\n`)
  printSamples('group-by in the browser', groupBy.ours)
  printSamples('group-by in native DuckDB', groupBy.theirs)
  for (const [name, { samples, theirs, neededBytes }] of Object.entries(cold)) {
    console.log(`\n${name}, cold; ${neededBytes.toLocaleString('en-US')} bytes of column chunks`)
    for (const part of ['totalMs', 'planMs', 'fetchMs', 'decodeMs', 'insertMs', 'runMs', 'startMs', 'wireBytes'])
      printSamples(
        part === 'startMs' ? '  start of DuckDB, separately' : `  ${part}`,
        samples.map((sample) => sample[part]),
      )
    printSamples('  native: table from files', theirs)
  }
  for (const { table, filtered, whole } of days) {
    console.log(`\none day of ${table}, cold; then reading everything`)
    for (const part of ['totalMs', 'planMs', 'filesRead', 'rowCount', 'wireBytes'])
      for (const [name, samples] of [
        ['one day', filtered],
        ['everything', whole],
      ])
        printSamples(
          `  ${part}, ${name}`,
          samples.map((sample) => sample[part]),
        )
  }
  const [one, five] = Object.values(cold)
  console.log('')
  printFigure({
    question: 'browser-sql: group-by over loaded rows against native DuckDB',
    ratio: round(median(groupBy.ours) / median(groupBy.theirs), 2),
    unit: 'ratio',
    target: 3,
  })
  printFigure({ question: 'browser-sql: one column, cold', value: medianTotalMs(one), unit: 'ms', target: 1000 })
  printFigure({ question: 'browser-sql: five columns, cold', value: medianTotalMs(five), unit: 'ms', target: 2500 })
  printFigure({
    question: 'browser-sql: bytes read over bytes of the needed column chunks',
    ratio: round(median(one.samples.map(({ wireBytes }) => wireBytes)) / one.neededBytes, 2),
    unit: 'ratio',
    target: 1.1,
  })
  for (const { table, filtered, whole } of days)
    for (const part of ['totalMs', 'wireBytes'])
      printFigure({
        question: `browser-sql: one day of ${table} over reading everything, ${part}`,
        ratio: round(median(filtered.map((sample) => sample[part])) / median(whole.map((sample) => sample[part])), 3),
        unit: 'ratio',
        target: 1,
      })
}

function medianTotalMs({ samples }) {
  return Math.round(median(samples.map(({ totalMs }) => totalMs)))
}
