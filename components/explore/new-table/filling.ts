import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import type { Sample } from './sample-column'
import type { NewTableFields } from './use-new-table-form'

/** The parent of the new table. */
export type NewTableParent = { catalog: string; namespace: Namespace }

/** The content that a source provides: the whole form, or only its draft. */
export type Filling = Partial<NewTableFields> & {
  draft: NewTableDraft
  source: string
  sample?: Sample | null
  /** The columns of a file that no type of Iceberg holds, and why. */
  omitted?: readonly OmittedField[]
  /** Absent without files whose rows can be loaded. */
  next?: FollowingLoad
  /** The form has been filled from this source before: it keeps what the user has changed since. */
  isRepeated?: boolean
}

export type OmittedField = { name: string; reason: string }

/** The load of the files that have filled the form, once the table is there. */
export type FollowingLoad = {
  fileCount: number
  /** Gives the files, and how they are read, to the form that loads them. */
  handOver: (table: TableIdentifier, made: NewTableDraft) => void
}

export type SourcePanelProps = NewTableParent & {
  onFill: (filling: Filling) => void
  /** Called before a file is drawn as unread, and before what was read is drawn: until then the form is not of that file. */
  onUnread: (isUnread: boolean) => void
}
