import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { Intent as AnyIntent } from './intent'
import type { TableDraft } from '../edits/table-draft'

/** The value of the target that the person saw, its current value, and the requested one, as text; null: none. */
export type Comparison = { base: string | null; current: string | null; requested: string | null }

export type IntentChange<Intent> = {
  /** A conflict when `base` and `current` differ: another client has changed the target since the person saw it. */
  compare: (metadata: TableMetadata, intent: Intent) => Comparison
  /** The intent based on the current value; null when its target is gone. */
  rebase: (metadata: TableMetadata, intent: Intent) => Intent | null
  /**
   * Carries the change out on a draft of the newest metadata, which the intents before it have changed already.
   *
   * @throws {AppError} invalid-request for what Iceberg or the table's format version does not allow; not-found for a
   *   target that is gone; already-exists for a name that is taken
   */
  apply: (draft: TableDraft, intent: Intent) => void
  /** The intent that undoes it after the commit, by the metadata before and after; null if it cannot be undone. */
  reverse: (before: TableMetadata, after: TableMetadata, intent: Intent) => AnyIntent | null
  /** Warnings to read before the commit, such as engines that cannot follow; empty for none. */
  warnings?: (draft: TableDraft, intent: Intent) => readonly string[]
}
