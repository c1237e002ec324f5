import path from 'node:path'
import { rmSync } from 'node:fs'
import { runCommand, watchPeaks } from './lake.mjs'

/** `n` has 1,000 values, spread over the whole file. DuckDB has no bucket transform, so the second has no other side. */
const SHAPES = [
  { shape: 'by n, 1,000', partitionBy: 'n', column: 'n' },
  { shape: 'bucket(10000, id)', partitionBy: 'bucket(10000, id)', column: null },
]

/** Loads the file into very many partitions, and has DuckDB write the same partitions, each in a process of its own. */
export async function comparePartitions(lake, csv, rounds) {
  const measurements = []
  for (let round = 0; round < rounds; round += 1) {
    for (const { shape, partitionBy, column } of SHAPES) {
      const sides = [
        async () =>
          measurements.push({ side: 'Lakeshore', shape, round, ...(await lake.ingest(csv, { partitionBy })) }),
        ...(column === null ? [] : [async () => measurements.push(await copy(shape, column, round))]),
      ]
      // Each side is first in turn.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
    }
  }
  return measurements

  async function copy(shape, column, round) {
    const target = path.join(lake.home, `copy-${round}`)
    const peaks = watchPeaks(process.pid)
    const startedAt = performance.now()
    await runCommand('node', ['benches/ingest/copy.mjs', csv, target, 'partition', column])
    const tookMs = Math.round(performance.now() - startedAt)
    rmSync(target, { recursive: true })
    return { side: 'DuckDB', shape, round, tookMs, ...peaks() }
  }
}
