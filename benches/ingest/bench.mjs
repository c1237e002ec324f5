import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { installPyiceberg } from '../../testing/peers/install-pyiceberg.ts'
import { printFigure, median, round } from '../figures.mjs'
import { createInput } from './data.mjs'
import { runCommand, startLake } from './lake.mjs'
import { compareLoad, LOADS } from './loads.mjs'
import { measureMemory } from './memory.mjs'
import { comparePartitions } from './partitions.mjs'
import { takeTurns } from './turns.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: ['time', ...Object.keys(LOADS), 'memory', 'partitions'].join(',') },
    memory: { type: 'string', default: '250,1000' },
  },
})
const rounds = Number(values.rounds)
const only = values.only.split(',')
const MB = 1_000_000
const TARGETS = {
  copy: 1.3,
  partitionedCopy: 2,
  peer: 1,
  peerCommand: 2,
  memoryMb: 500,
  partitionsMb: 600,
  flatness: 1.1,
}
/** A load into very many partitions takes minutes. */
const MAX_PARTITION_ROUNDS = 5
const NAMES = {
  lakeshore: 'Lakeshore, a run',
  command: 'Lakeshore, its command',
  fixed: 'Lakeshore, one row',
  duckdb: 'DuckDB, a process',
  statement: 'DuckDB, its COPY alone',
  pyiceberg: 'PyIceberg, an append',
  python: 'PyIceberg, its process',
}

const cache = path.resolve('.cache/bench-ingest')
mkdirSync(cache, { recursive: true })
const csv = path.join(cache, 'rows.csv')
if (!existsSync(csv)) await createInput(csv)
const lake = await startLake()
try {
  if (only.includes('time')) await compareTimes()
  for (const name of Object.keys(LOADS))
    if (only.includes(name)) await compareLoad(name, { lake, folder: cache, rounds })
  if (only.includes('memory'))
    reportMemory(
      await measureMemory(
        lake,
        csv,
        values.memory.split(',').map((mb) => Number(mb) * MB),
      ),
    )
  if (only.includes('partitions'))
    reportPartitions(await comparePartitions(lake, csv, Math.min(rounds, MAX_PARTITION_ROUNDS)))
} finally {
  await lake.stop()
}

async function compareTimes() {
  const python = installPyiceberg()
  const oneRow = path.join(lake.home, 'one-row.csv')
  await copyFirstRow(oneRow)
  const sides = [lakeshore, duckdb, ...(python === null ? [] : [pyiceberg])]
  const timings = await takeTurns(sides, rounds)
  reportTimes(timings)

  async function lakeshore() {
    const { tookMs, commandMs } = await lake.ingest(csv)
    const { tookMs: fixed } = await lake.ingest(oneRow)
    return { lakeshore: tookMs, command: commandMs, fixed }
  }

  async function duckdb() {
    const startedAt = performance.now()
    const statement = Number(
      await runCommand('node', ['benches/ingest/copy.mjs', csv, path.join(lake.home, 'copy.parquet')]),
    )
    return { duckdb: Math.round(performance.now() - startedAt), statement }
  }

  async function pyiceberg(round) {
    const startedAt = performance.now()
    const append = Number(await runCommand(python, ['benches/ingest/append.py', csv, lake.home, `rows_${round + 1}`]))
    return { pyiceberg: append, python: Math.round(performance.now() - startedAt) }
  }
}

/** The header and the first row: what a run of it takes is the fixed cost of a run. */
async function copyFirstRow(target) {
  const file = await open(csv)
  const lines = []
  for await (const line of file.readLines()) if (lines.push(line) === 2) break
  writeFileSync(target, `${lines.join('\n')}\n`)
}

function reportTimes(timings) {
  console.log(`1,000,000 rows, ${megabytes(statSync(csv).size)} MB of CSV; Node ${process.version}; milliseconds`)
  console.log(['side'.padEnd(22), 'median', 'min', 'max', 'raw'].join('\t'))
  for (const [side, ms] of Object.entries(timings)) {
    const row = [median(ms), Math.min(...ms), Math.max(...ms), ms.join(' ')]
    console.log([NAMES[side].padEnd(22), ...row].join('\t'))
  }
  const overCopy = median(timings.lakeshore) / median(timings.duckdb)
  printFigure({
    question: 'ingest',
    ratio: round(overCopy, 3),
    unit: 'x DuckDB COPY',
    target: TARGETS.copy,
  })
  if (!timings.pyiceberg) return
  const overPeer = median(timings.pyiceberg) / median(timings.lakeshore)
  printFigure({
    question: 'ingest against a peer',
    ratio: round(overPeer, 3),
    unit: 'x faster than PyIceberg',
    target: TARGETS.peer,
    met: overPeer >= TARGETS.peer,
  })
  const commands = median(timings.python) / median(timings.command)
  printFigure({
    question: 'ingest against a peer, whole commands',
    ratio: round(commands, 3),
    unit: 'x faster than PyIceberg',
    target: TARGETS.peerCommand,
    met: commands >= TARGETS.peerCommand,
  })
}

function reportMemory(measured) {
  console.log('\nPeak memory of the DuckDB process')
  console.log(['table'.padEnd(22), 'CSV, MB', 'peak, MB', 'ms'].join('\t'))
  for (const { shape, inputBytes, peakBytes, tookMs } of measured) {
    console.log([shape.padEnd(22), megabytes(inputBytes), megabytes(peakBytes), tookMs].join('\t'))
  }
  const peak = Math.max(...measured.map(({ peakBytes }) => peakBytes)) / MB
  printFigure({
    question: 'ingest memory',
    value: Math.round(peak),
    unit: 'MB',
    target: TARGETS.memoryMb,
  })
  for (const shape of new Set(measured.map((one) => one.shape))) {
    const peaks = measured.filter((one) => one.shape === shape).map(({ peakBytes }) => peakBytes)
    const ratio = peaks.at(-1) / peaks[0]
    printFigure({
      question: `ingest memory, largest over smallest input, ${shape}`,
      ratio: round(ratio, 3),
      unit: 'x',
      target: TARGETS.flatness,
    })
  }
}

function reportPartitions(measured) {
  console.log('\nMany partitions')
  console.log(['side'.padEnd(12), 'partitions'.padEnd(20), 'ms', 'peak, MB', 'open files'].join('\t'))
  for (const { side, shape, tookMs, peakBytes, openFiles } of measured)
    console.log([side.padEnd(12), shape.padEnd(20), tookMs, megabytes(peakBytes), openFiles].join('\t'))
  const copies = measured.filter(({ side }) => side === 'DuckDB')
  const ratios = copies.map(({ round: turn, shape, tookMs }) => {
    const own = measured.find((one) => one.side === 'Lakeshore' && one.round === turn && one.shape === shape)
    return own.tookMs / tookMs
  })
  printFigure({
    question: 'ingest into many partitions',
    ratio: round(median(ratios), 3),
    unit: 'x DuckDB partitioned COPY',
    target: TARGETS.partitionedCopy,
  })
  const peak = Math.max(...measured.filter(({ side }) => side === 'Lakeshore').map(({ peakBytes }) => peakBytes)) / MB
  printFigure({
    question: 'ingest into many partitions, memory',
    value: Math.round(peak),
    unit: 'MB',
    target: TARGETS.partitionsMb,
  })
}

function megabytes(bytes) {
  return (bytes / MB).toFixed(1)
}
