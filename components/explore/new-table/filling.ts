import type { Namespace } from '@/lib/names/identifiers'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { Sample } from './sample-column'
import type { NewTableFields } from './use-new-table-form'

/** Where a table is to be created. */
export type NewTableParent = { catalog: string; namespace: Namespace }

/** What a way in gives: all of a form, or its draft alone. `loadFile` is a file whose rows can be loaded afterwards. */
export type Filling = Partial<NewTableFields> & {
  draft: NewTableDraft
  source: string
  sample?: Sample | null
  loadFile?: string
}

export type SourcePanelProps = NewTableParent & { onFill: (filling: Filling) => void }
