import type { ErrorCode } from '@/lib/errors'
import type { SignedInUser } from '@/testing/homes/test-home'
import type { Fields, VerbLake } from './verb-lake'
import type { VerbName } from './under-policy'

/** One write of a table, view, namespace, ref or file set in the API, with its particularities. */
export type Verb = {
  name: VerbName
  /** The subject of test titles: *Dropping a table*. */
  title: string
  endpoint: string
  /** The audit actions, in the order in which they are written: one entry unless `differences` says why. */
  actions: readonly string[]
  /**
   * The row that the write changes; `iceberg_tables` if absent. Audit entries and reindex requests are in its
   * transaction.
   */
  writes?: 'iceberg_tables' | 'iceberg_namespace_properties' | 'runs' | 'change_policies'
  /** Who sees the target and may not do this; a viewer if absent. */
  refusedRole?: 'editor'
  /** Sets up a target. */
  prepare(lake: VerbLake, editor: SignedInUser): Promise<PreparedVerb>
  /** The code of a request whose target changed since it was reviewed; null: `differences` says why. */
  stale: ErrorCode | null
  /** The field with the name that the user types. */
  typedName?: 'confirmedName'
  /**
   * Whether a request has to have a key, and the endpoint that finds its outcome, if there is one. Absent: see `again`.
   * Reserved: while the request is carried out in several steps, a second one reads that the outcome is not known yet.
   */
  key?: { isRequired: boolean; outcomeAt: string | null; isReserved?: true }
  /**
   * For verbs without a key: the code of the same request when it is repeated. `same`: it returns the first result and
   * does nothing more. `repeated`: it is done and recorded a second time.
   */
  again?: ErrorCode | 'same' | 'repeated'
  /** Its undo moves the branch back, and leaves the snapshot that it made. */
  leavesSnapshot?: true
  /** A stranger's refusal is not in the audit. */
  hidesUnrecorded?: true
  /** The endpoint that undoes it; null if it cannot be undone, and `differences` says why. */
  undoneBy: 'undoAction' | 'undoExpiry' | 'restoreTable' | null
  /** Where today's behaviour is not that of its siblings, and why. */
  differences?: readonly string[]
}

export type PreparedVerb = {
  /** A valid request, as the page sends it, without a key. */
  input: Fields
  /** The target of the audit entry: the name of a table or view; null: the namespace. */
  target: string | null
  /** Names that search has to index again; empty for the namespace. The target by default. */
  reindexes?: readonly string[]
  /** Another writer changes the reviewed state. */
  change?: () => Promise<unknown>
  /** Another request, for the key of the first one. */
  other?: Fields
  /** The name that the outcome of a key is looked up by, if the address of the request has none. */
  outcomeOf?: Fields
  /** The proposal of it; absent for verbs that are refused or not held. */
  proposal?: PreparedProposal
  /** The request that undoes the entry of the audit. */
  toUndo?: (auditId: string) => Fields
}

export type PreparedProposal = {
  of: 'table' | 'view' | 'namespace'
  /** The `action`. */
  proposed: Fields
  /** The reviewed state that the page of the proposal sends, and has to send; absent: it has no such state. */
  toReviewed?: (reviewer: SignedInUser) => Promise<Fields>
}
