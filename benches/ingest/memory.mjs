import { closeSync, copyFileSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'

const SHAPES = [
  { shape: 'one partition', partitionBy: null },
  { shape: 'by kind, 5', partitionBy: 'kind' },
]

/**
 * Measures the peak memory of the DuckDB process for CSV files of these sizes, each loaded into a table without
 * partitions and one with.
 */
export async function measureMemory(lake, csv, sizesBytes) {
  const measurements = []
  for (const sizeBytes of sizesBytes) {
    const input = path.join(lake.home, 'large.csv')
    const inputBytes = repeatRows(csv, input, sizeBytes)
    for (const { shape, partitionBy } of SHAPES) {
      const { tookMs, peakBytes } = await lake.ingest(input, { partitionBy })
      if (peakBytes === null) throw new Error('/proc does not report the memory of processes on this machine.')
      measurements.push({ shape, inputBytes, tookMs, peakBytes })
    }
    rmSync(input)
  }
  return measurements
}

/** Repeats the complete rows of the file below one header up to this many bytes. */
export function repeatRows(csv, target, sizeBytes) {
  const bytes = readFileSync(csv)
  const rows = bytes.subarray(bytes.indexOf(0x0a) + 1)
  copyFileSync(csv, target)
  const file = openSync(target, 'a')
  for (let size = bytes.length; size < sizeBytes; size += rows.length) writeSync(file, rows)
  closeSync(file)
  return statSync(target).size
}
