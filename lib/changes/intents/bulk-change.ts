import type { Namespace } from '../../names/identifiers'

/** Sets or removes a property or a tag. What it changes in a table depends on the properties of that table. */
export type BulkSetting =
  | { kind: 'set-property'; key: string; value: string }
  | { kind: 'remove-property'; key: string }
  | { kind: 'add-tag'; tag: string }
  | { kind: 'remove-tag'; tag: string }

/** A change that many tables get. A drop keeps the files of the tables; a move keeps their names. */
export type BulkChange = BulkSetting | { kind: 'drop' } | { kind: 'move'; toNamespace: Namespace }

export function isBulkSetting(change: BulkChange): change is BulkSetting {
  return change.kind !== 'drop' && change.kind !== 'move'
}

/** The settings among the changes. */
export function bulkSettings(changes: readonly BulkChange[]): BulkSetting[] {
  return changes.filter(isBulkSetting)
}

/** The property, or the tag, that a change is about: each has at most one change. */
export function bulkChangeTarget(change: BulkChange): string {
  if (!isBulkSetting(change)) return 'name'
  return 'tag' in change ? `tag ${change.tag}` : `property ${change.key}`
}

/** The text that a user types to drop many tables: a list of another length, or another catalog, has another one. */
export function dropConfirmation(tableCount: number, catalog: string): string {
  return `drop ${tableCount} ${tableCount === 1 ? 'table' : 'tables'} in ${catalog}`
}
