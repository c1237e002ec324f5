import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { NestedField } from '@/lib/iceberg/schema/types'

/**
 * Writes lines of JSON as a Parquet file with PyArrow.
 *
 * @param python that of PyIceberg, for instance
 */
export function writeParquet(python: string, columns: readonly NestedField[], lines: readonly string[]): Uint8Array {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-values-'))
  try {
    const file = path.join(folder, 'rows.parquet')
    const input = JSON.stringify({ columns, lines })
    execFileSync(python, ['testing/ingest/values/write_parquet.py', file], { input, stdio: 'pipe' })
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
