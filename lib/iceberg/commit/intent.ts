/**
 * What a person wants done to a table, before it is a commit. Every write of the console, the command line and
 * the jobs starts as intents: `intent-commit` turns them, against the metadata they were made on, into updates
 * and requirements, so that a page's review and the commit cannot differ.
 */
export type Intent = SetProperty | RemoveProperty | RollBack | SetRef

/** `base` is the value the person saw (null: not set); where it differs by now, the intent conflicts. */
export type SetProperty = { kind: 'set-property'; key: string; value: string; base: string | null }
export type RemoveProperty = { kind: 'remove-property'; key: string; base: string | null }

/** Moves `main` back to one of its ancestors. `fromSnapshotId` is the tip the person saw. */
export type RollBack = {
  kind: 'roll-back'
  fromSnapshotId: string
  toSnapshotId: string
  /** A tag put on the tip that is left, so that it stays reachable; null for none. */
  safetyTag: { name: string; maxRefAgeMs: number | null } | null
}

/** Moves a branch to any snapshot the table still has: the undo of a roll-back. */
export type SetRef = { kind: 'set-ref'; refName: string; fromSnapshotId: string; toSnapshotId: string }
