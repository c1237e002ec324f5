import type { CsvReading } from '@/lib/ingest/readings/csv-question'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'

/** How the columns of the last new table were read from its file: its rows are loaded in the same way. */
let last: { table: string; reading: CsvReading } | null = null

export function handOverCsvReading(table: TableIdentifier, reading: CsvReading): void {
  last = { table: entryLabelInCatalog(table), reading }
}

/** Null if the table was not created from a file on this page, or another one was created since. */
export function handedOverCsvReading(table: TableIdentifier): CsvReading | null {
  return last?.table === entryLabelInCatalog(table) ? last.reading : null
}
