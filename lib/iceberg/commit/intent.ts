/**
 * What a person wants changed in a table, before it is a commit. Every write of the console, the command line and the
 * jobs starts as intents. `intent-commit` turns them into updates and requirements against the metadata that the person
 * saw, so that the review on a page and the commit cannot differ.
 */
export type Intent = SetProperty | RemoveProperty | RollBack | SetRef

/** `base` is the value the person saw (null: not set); if the value has changed since, the intent conflicts. */
export type SetProperty = { kind: 'set-property'; key: string; value: string; base: string | null }
export type RemoveProperty = { kind: 'remove-property'; key: string; base: string | null }

/** Moves `main` back to one of its ancestors. `fromSnapshotId` is the tip the person saw. */
export type RollBack = {
  kind: 'roll-back'
  fromSnapshotId: string
  toSnapshotId: string
  /** Null for none. */
  safetyTag: SafetyTag | null
}

/** A tag to put on the old tip of a branch so that it stays reachable; kept forever if the age is null. */
export type SafetyTag = { name: string; maxRefAgeMs: number | null }

/** Moves a branch to any snapshot the table still has: used to undo a commit or a rollback. */
export type SetRef = {
  kind: 'set-ref'
  refName: string
  fromSnapshotId: string
  toSnapshotId: string
  safetyTag: SafetyTag | null
}
