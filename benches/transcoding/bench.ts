import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { createCsv, SCHEMA } from '../ingest/data.mjs'
import { loadBundle } from '../load-bundle.ts'
import type { Measured } from './stage-rows.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
// As the worker and the process that stages a load are started.
setFlagsFromString('--no-incremental-marking')
const TARGET = 1.2
const SIDES = ['csv', 'parquet', 'plain', 'zstd', 'transcoding'] as const
const UNITS = [
  ['cpuMs', 'of the processor'],
  ['wallMs', 'by the clock'],
] as const
type Side = (typeof SIDES)[number]

const cache = path.resolve('.cache/bench-ingest')
mkdirSync(cache, { recursive: true })
const csv = path.join(cache, 'rows.csv')
if (!existsSync(csv)) await createCsv(csv)
// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-transcoding-'))
try {
  const sides = await loadBundle<typeof import('./stage-rows.ts')>('benches/transcoding/stage-rows.ts', folder)
  const schema = sides.readSchema(JSON.stringify(SCHEMA))
  console.log(`1,000,000 rows; load average ${round(loadavg()[0] ?? 0, 1)}`)
  const timings: Record<Side, Measured[]> = { csv: [], parquet: [], plain: [], zstd: [], transcoding: [] }
  // The input of the stage from Parquet.
  await sides.measureCopy(csv, folder, schema, 'zstd')
  for (let turn = -1; turn < Number(values.rounds); turn += 1) {
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
    for (const input of ['csv', 'parquet'] as const) {
      const stage = median(msOf(input))
      const without = stage - median(msOf('transcoding')) - median(msOf('plain')) + median(msOf('zstd'))
      const question = `load of ${input} over one without transcoding, ${words}`
      printFigure({ question, ratio: round(stage / without, 2), target: TARGET })
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
