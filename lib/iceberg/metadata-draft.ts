import type { TableMetadata } from './table-metadata'

/** Metadata while a commit is being applied to it: the fields are replaced one by one, never changed in place. */
export type MetadataDraft = { -readonly [Field in keyof TableMetadata]: TableMetadata[Field] }

/** What one commit has done so far, as far as later updates or the snapshot log depend on it. */
export type CommitSoFar = {
  /** Time of the commit: of its snapshot where it adds one. Never before what the table has seen. */
  committedAtMs: number
  lastAddedSchemaId: number | null
  lastAddedSpecId: number | null
  lastAddedSortOrderId: number | null
  addedSnapshotIds: Set<string>
  hasRemovedSnapshots: boolean
}
