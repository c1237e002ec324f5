import { existsSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { median, printFigure, round } from '../figures.mjs'
import { createInput, SCHEMA } from './data.mjs'
import { runCommand } from './lake.mjs'
import { repeatRows } from './memory.mjs'
import { takeTurns } from './turns.mjs'

/** Loads of the same rows in another way, each against the side that it is compared with. */

const SORTED_BY = ['name', 'id']
const LARGE_FACTOR = 12

/** Settings that other writers have for a whole file only, one or two of each kind. */
const COLUMN_SETTINGS = [
  ['id', 'page-row-limit', '5000'],
  ['at', 'compression-level', '1'],
  ['name', 'compression-codec', 'snappy'],
  ['kind', 'compression-codec', 'lz4'],
  ['price', 'statistics', 'chunk'],
  ['lat', 'dictionary', 'drop'],
]

/** By the name of `--only`: the sides, of which the first is compared with the second, and the target of their ratio. */
export const LOADS = {
  ndjson: { target: 1.5, unit: 'x DuckDB COPY of NDJSON', sides: (at) => againstCopy(at, 'rows.ndjson') },
  parquet: { target: 1.4, unit: 'x DuckDB COPY of Parquet', sides: (at) => againstCopy(at, 'rows.parquet') },
  sorted: { target: 1.3, unit: 'x DuckDB sorted COPY', sides: againstSortedCopy },
  settings: { target: 1.1, unit: 'x a load without settings of columns', sides: againstNoSettings },
  large: { target: 1, unit: 'x a load of 1 M rows, for each million of 12 M', sides: againstMillion },
}

/** @param folder where inputs are stored for other runs of the bench */
export async function compareLoad(name, { lake, folder, rounds }) {
  const { target, unit, sides: toSides } = LOADS[name]
  const sides = await toSides({ lake, folder })
  const timings = await takeTurns(
    sides.map(([side, measure]) => async () => {
      const { ms, ...beside } = await measure()
      return { [side]: ms, ...beside }
    }),
    rounds,
  )
  console.log(`\nA load, ${name}; milliseconds`)
  console.log(['side'.padEnd(24), 'median', 'min', 'max', 'raw'].join('\t'))
  for (const [side, ms] of Object.entries(timings))
    console.log([side.padEnd(24), median(ms), Math.min(...ms), Math.max(...ms), ms.join(' ')].join('\t'))
  const [own, other] = sides.map(([side]) => median(timings[side]))
  printFigure({ question: `ingest, ${name}`, ratio: round(own / other, 3), unit, target })
}

async function againstCopy({ lake, folder }, name) {
  const input = await findInput(folder, name)
  return [loadSide(lake, input), copySide(lake, input)]
}

async function againstSortedCopy({ lake, folder }) {
  const input = await findInput(folder, 'rows.csv')
  // A load creates the namespace, which the creation of a sorted table does not.
  await lake.ingest(input)
  return [loadSide(lake, input, { sortBy: SORTED_BY }), copySide(lake, input, ['sort', SORTED_BY.join(', ')])]
}

async function againstNoSettings({ lake, folder }) {
  const input = await findInput(folder, 'rows.csv')
  const properties = Object.fromEntries(
    COLUMN_SETTINGS.map(([column, setting, value]) => {
      const { id } = SCHEMA.fields.find((field) => field.name === column)
      return [`lakeshore.parquet.column.${id}.${setting}`, value]
    }),
  )
  return [
    loadSide(lake, input, { properties }),
    ['without settings', async () => ({ ms: (await lake.ingest(input)).tookMs })],
  ]
}

async function againstMillion({ lake, folder }) {
  const input = await findInput(folder, 'rows.csv')
  const many = path.join(lake.home, 'many-rows.csv')
  // It ends with the copy that reaches the size.
  repeatRows(input, many, statSync(input).size * (LARGE_FACTOR - 0.5))
  const perMillion = async () => ({ ms: Math.round((await lake.ingest(many)).tookMs / LARGE_FACTOR) })
  return [
    ['12 M rows, a million', perMillion],
    ['1 M rows', async () => ({ ms: (await lake.ingest(input)).tookMs })],
  ]
}

async function findInput(folder, name) {
  const file = path.join(folder, name)
  if (!existsSync(file)) await createInput(file)
  return file
}

function loadSide(lake, input, table = {}) {
  return [
    'Lakeshore, a run',
    async () => {
      const { tookMs: ms, commandMs, cpuMs } = await lake.ingest(input, table)
      return { ms, 'Lakeshore, its command': commandMs, 'Lakeshore, processor': cpuMs }
    },
  ]
}

function copySide(lake, input, clause = []) {
  return ['DuckDB, a process', copy]

  async function copy() {
    const target = path.join(lake.home, 'copy.parquet')
    const startedAt = performance.now()
    const statement = Number(await runCommand('node', ['benches/ingest/copy.mjs', input, target, ...clause]))
    const ms = Math.round(performance.now() - startedAt)
    rmSync(target)
    return { ms, 'DuckDB, its COPY alone': statement }
  }
}
