import 'server-only'
import { randomInt } from 'node:crypto'
import { monotonicFactory } from 'ulid'

const RANDOM_RANGE = 2 ** 32
/**
 * Monotonic within a millisecond too, so that the files of a run sort as they were written. By itself it asks the system
 * for each character, which takes as long as writing a small file.
 */
const newFileId = monotonicFactory(() => randomInt(RANDOM_RANGE) / RANDOM_RANGE)

/** How the names of data files begin. Characters that are special in a path or a URL are not used. */
export function dataFileStem(table: string, writtenAtMs: number): string {
  const day = new Date(writtenAtMs).toISOString().slice(0, 10).replaceAll('-', '')
  return `${table.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}_data_${day}`
}

/** A new name in the order of time. */
export function dataFileName(stem: string): string {
  return `${stem}_${newFileId()}.parquet`
}
