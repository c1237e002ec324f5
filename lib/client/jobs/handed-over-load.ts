import type { LoadMapping } from '@/lib/ingest/load-mapping'
import type { CsvReading } from '@/lib/ingest/readings/csv-question'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'

/** How the columns of a table came out of its file: its rows are loaded in the same way. */
export type HandedOverLoad = {
  /** Null for other files than CSV. */
  reading: CsvReading | null
  mapping: LoadMapping
}

/** That of the last new table. */
let last: { table: string; load: HandedOverLoad } | null = null

export function handOverLoad(table: TableIdentifier, load: HandedOverLoad): void {
  last = { table: entryLabelInCatalog(table), load }
}

/** Null if the table was not created from a file in this browser tab, or another one was created since. */
export function handedOverLoad(table: TableIdentifier): HandedOverLoad | null {
  return last?.table === entryLabelInCatalog(table) ? last.load : null
}
