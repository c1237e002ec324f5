import type { Namespace } from '@/lib/names/identifiers'
import type { CsvReading } from '@/lib/ingest/readings/csv-question'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { Sample } from './sample-column'
import type { NewTableFields } from './use-new-table-form'

/** The parent of the new table. */
export type NewTableParent = { catalog: string; namespace: Namespace }

/**
 * The content that a source provides: the whole form, or only its draft. `loadFile` is a file whose rows can be loaded
 * afterwards, read as `loadReading` says, and `omitted` says of each column of a file that no type of Iceberg holds why.
 */
export type Filling = Partial<NewTableFields> & {
  draft: NewTableDraft
  source: string
  sample?: Sample | null
  loadFile?: string
  loadReading?: CsvReading
  omitted?: readonly string[]
}

export type SourcePanelProps = NewTableParent & { onFill: (filling: Filling) => void }
