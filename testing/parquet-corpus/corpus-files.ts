import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { ExactValue } from '@/testing/parquet/exact-value'

const FOLDER = path.join(import.meta.dirname, 'files')

/** The names of the files. */
export const CORPUS = readdirSync(FOLDER).filter((name) => name.endsWith('.parquet'))

export function readCorpusFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(path.join(FOLDER, name)))
}

const values = JSON.parse(readFileSync(path.join(FOLDER, 'values.json'), 'utf8')) as Record<string, ExactValue[]>

/** The values that PyArrow reads from a column: its name begins with that of its values, up to a point. */
export function corpusValues(columnName: string): ExactValue[] {
  const found = values[columnName.replace(/\..*$/, '')]
  if (!found) throw new Error(`${columnName} has no recorded values`)
  return found
}
