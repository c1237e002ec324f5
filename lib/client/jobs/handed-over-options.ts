import type { CsvOptions } from '@/lib/ingest/csv-options'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'

/** The options by which the columns of the last new table were read from its file: its rows are loaded with the same. */
let last: { table: string; csv: CsvOptions } | null = null

export function handOverCsvOptions(table: TableIdentifier, csv: CsvOptions): void {
  last = { table: entryLabelInCatalog(table), csv }
}

/** Null if the table was not created from a file on this page, or another one was created since. */
export function handedOverCsvOptions(table: TableIdentifier): CsvOptions | null {
  return last?.table === entryLabelInCatalog(table) ? last.csv : null
}
