import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { createInput, SCHEMA } from '../ingest/data.mjs'
import { startLake } from '../ingest/lake.mjs'
import { loadBundle } from '../load-bundle.ts'
import { buildWithoutTranscoder } from './build-without.ts'
import type { Measured } from './stage-rows.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, only: { type: 'string', default: 'stages,runs' } },
})
const rounds = Number(values.rounds)
// As the worker and the process that stages a load are started.
setFlagsFromString('--no-incremental-marking')
const TARGET = 1.2
const SIDES = ['csv', 'parquet', 'plain', 'zstd', 'transcoding'] as const
const UNITS = [
  ['cpuMs', 'of the processor'],
  ['wallMs', 'by the clock'],
] as const
const INPUTS = ['csv', 'parquet'] as const
type Side = (typeof SIDES)[number]

const cache = path.resolve('.cache/bench-ingest')
mkdirSync(cache, { recursive: true })
const csv = path.join(cache, 'rows.csv')
if (!existsSync(csv)) await createInput(csv)
// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-transcoding-'))
console.log(`1,000,000 rows; load average ${round(loadavg()[0] ?? 0, 1)}`)
try {
  if (values.only.includes('stages')) await compareStages()
  if (values.only.includes('runs')) await compareRuns()
} finally {
  rmSync(folder, { recursive: true })
}

/** A load up to the file, in this process, and the stages that differ without the transcoder. */
async function compareStages(): Promise<void> {
  const sides = await loadBundle<typeof import('./stage-rows.ts')>('benches/transcoding/stage-rows.ts', folder)
  const schema = sides.readSchema(JSON.stringify(SCHEMA))
  const timings: Record<Side, Measured[]> = { csv: [], parquet: [], plain: [], zstd: [], transcoding: [] }
  // The input of the stage from Parquet.
  await sides.measureCopy(csv, folder, schema, 'zstd')
  for (let turn = -1; turn < rounds; turn += 1) {
    const measured = {
      csv: await sides.measureStage(csv, folder, schema),
      parquet: await sides.measureStage(path.join(folder, 'zstd.parquet'), folder, schema),
      plain: await sides.measureCopy(csv, folder, schema, 'uncompressed'),
      zstd: await sides.measureCopy(csv, folder, schema, 'zstd'),
      transcoding: await sides.measureTranscoding(folder, schema),
    }
    if (turn < 0) continue
    for (const side of SIDES) timings[side].push(measured[side])
  }
  for (const [unit, words] of UNITS) {
    const msOf = (side: Side) => timings[side].map((measured) => measured[unit])
    for (const side of SIDES) printSamples(`${side}, ms ${words}`, msOf(side))
    for (const input of INPUTS) {
      const stage = median(msOf(input))
      const without = stage - median(msOf('transcoding')) - median(msOf('plain')) + median(msOf('zstd'))
      const question = `stage of ${input} over one without transcoding, ${words}`
      printFigure({ question, ratio: round(stage / without, 2), target: TARGET })
    }
  }
}

/**
 * Whole loads, compared with those of the same program without the transcoder: as a worker runs them, up to the commit.
 */
async function compareRuns(): Promise<void> {
  const sides = await loadBundle<typeof import('./stage-rows.ts')>('benches/transcoding/stage-rows.ts', folder)
  await sides.measureCopy(csv, folder, sides.readSchema(JSON.stringify(SCHEMA)), 'zstd')
  const files = { csv, parquet: path.join(folder, 'zstd.parquet') }
  const withoutFolder = path.join(folder, 'without')
  await buildWithoutTranscoder(withoutFolder)
  const lakes = { with: await startLake(), without: await startLake(withoutFolder) }
  try {
    for (const input of INPUTS) {
      const timings: Record<keyof typeof lakes, Measured[]> = { with: [], without: [] }
      for (let turn = -1; turn < rounds; turn += 1) {
        // Each side is first in turn.
        const order = turn % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)
        for (const side of order) {
          const { cpuMs, tookMs } = await lakes[side].ingest(files[input])
          if (turn >= 0) timings[side].push({ cpuMs, wallMs: tookMs })
        }
      }
      for (const [unit, words] of UNITS) {
        const msOf = (side: keyof typeof lakes) => timings[side].map((measured) => measured[unit])
        printSamples(`run of ${input}, ms ${words}`, msOf('with'))
        printSamples('  without', msOf('without'))
        const question = `run of ${input} over one without transcoding, ${words}`
        printFigure({ question, ratio: round(median(msOf('with')) / median(msOf('without')), 2), target: TARGET })
      }
    }
  } finally {
    await lakes.with.stop()
    await lakes.without.stop()
  }
}
