import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Small tables that other engines wrote, and one that Lakeshore writes, with the rows that engines read from them. `npm
 * run golden` writes them again.
 *
 * Each folder below `tables` has the table's newest metadata file, everything it refers to, and `reads.json`.
 */

const TABLES_FOLDER = path.join(import.meta.dirname, 'tables')

/** The folder in which the tables were written, and so the beginning of every location in their metadata. */
export const GOLDEN_ROOT = '/tmp/lakeshore-golden'

/** A value as `golden_rows.py` describes it. */
export type GoldenValue = null | boolean | string | readonly GoldenValue[]

export type GoldenRows = {
  columns: readonly string[]
  rows: readonly (readonly GoldenValue[])[]
}

/** The rows that engines read at one snapshot, branch or tag. */
export type GoldenRead = GoldenRows & {
  snapshotId?: string
  ref?: string
  /** The same rows with `_row_id` and `_last_updated_sequence_number`, in tables of format version 3. */
  lineage?: GoldenRows
}

export type GoldenRecord = {
  writer: string
  /** The programs that read exactly these rows when they were recorded. */
  readers: readonly string[]
  /** Path of the metadata file in the folder of the table. */
  metadata: string
  reads: readonly GoldenRead[]
}

export type GoldenTable = GoldenRecord & { name: string; folder: string }

export function goldenFolder(name: string): string {
  return path.join(TABLES_FOLDER, name)
}

export function listGoldenTables(): GoldenTable[] {
  return readdirSync(TABLES_FOLDER)
    .sort()
    .map((name) => {
      const folder = goldenFolder(name)
      const record = JSON.parse(readFileSync(path.join(folder, 'reads.json'), 'utf8')) as GoldenRecord
      return { name, folder, ...record }
    })
}

/** The file of the repository for a location in the metadata of a golden table. */
export function goldenFile(location: string): string {
  const [, relative] = location.split(`${GOLDEN_ROOT}/`)
  if (relative === undefined) throw new Error(`${location} is not below ${GOLDEN_ROOT}`)
  return path.join(TABLES_FOLDER, ...relative.split('/'))
}
