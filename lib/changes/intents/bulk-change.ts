/** A change that many tables get. What it changes in each of them depends on the properties of that table. */
export type BulkChange =
  | { kind: 'set-property'; key: string; value: string }
  | { kind: 'remove-property'; key: string }
  | { kind: 'add-tag'; tag: string }
  | { kind: 'remove-tag'; tag: string }

/** The property, or the tag, that a change is about: each has at most one change. */
export function bulkChangeTarget(change: BulkChange): string {
  return 'tag' in change ? `tag ${change.tag}` : `property ${change.key}`
}
