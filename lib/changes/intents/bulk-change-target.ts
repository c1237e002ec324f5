import type { BulkChange } from './bulk-change'

/** The property, or the tag, that a change is about: each has at most one change. */
export function bulkChangeTarget(change: BulkChange): string {
  return 'tag' in change ? `tag ${change.tag}` : `property ${change.key}`
}
