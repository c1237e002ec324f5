import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { Intent as AnyIntent } from './intent'
import type { TableDraft } from '../edits/table-draft'

/** What the person saw of the target, what is there now and what they want there, as text; null: nothing. */
export type Comparison = { base: string | null; now: string | null; requested: string | null }

export type IntentChange<Intent> = {
  /** A conflict when `base` and `now` differ: another client has changed the target since the person saw it. */
  compare: (metadata: TableMetadata, intent: Intent) => Comparison
  /** The intent for someone who has seen what is there now; null when its target is gone. */
  rebase: (metadata: TableMetadata, intent: Intent) => Intent | null
  /**
   * Carries the change out on a draft of the newest metadata, which the intents before it have changed already.
   *
   * @throws {AppError} invalid-request for what Iceberg or the table's format version does not allow; not-found for a
   *   target that is gone; already-exists for a name that is taken
   */
  apply: (draft: TableDraft, intent: Intent) => void
  /** What undoes it once it is committed, by the metadata before and after; null: nothing does. */
  reverse: (before: TableMetadata, after: TableMetadata, intent: Intent) => AnyIntent | null
  /** What the person should know before the commit, such as engines that cannot follow; empty when there is nothing. */
  warnings?: (draft: TableDraft, intent: Intent) => readonly string[]
}
