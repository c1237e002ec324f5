import type { Namespace } from '../../names/identifiers'
import type { Role } from '../../permissions'
import type { PropertyIntent } from './property-intent'

/** Sets or removes a property or a tag. What it changes in a table depends on the properties of that table. */
export type BulkSetting =
  | { kind: 'set-property'; key: string; value: string }
  | { kind: 'remove-property'; key: string }
  | { kind: 'add-tag'; tag: string }
  | { kind: 'remove-tag'; tag: string }

/** The role that a user, a group or everyone has on each table. Null takes the role that they have on it. */
export type BulkGrant = {
  kind: 'grant'
  holder: { kind: 'user' | 'group' | 'everyone'; id: string; name: string }
  role: Role | null
}

/** A change that many tables get. A drop keeps the files of the tables; a move keeps their names. */
export type BulkChange = BulkSetting | BulkGrant | { kind: 'drop' } | { kind: 'move'; toNamespace: Namespace }

/** The part of a change that a table lacked when it was previewed, with the role that its holder had. */
export type GrantIntent = { kind: 'grant'; holder: string; base: Role | null; value: Role | null }
export type BulkIntent = PropertyIntent | GrantIntent

export function isBulkSetting(change: BulkChange): change is BulkSetting {
  return change.kind !== 'drop' && change.kind !== 'move' && change.kind !== 'grant'
}

/** The settings among the changes. */
export function bulkSettings(changes: readonly BulkChange[]): BulkSetting[] {
  return changes.filter(isBulkSetting)
}

/** The property, or the tag, that a change is about: each has at most one change. */
export function bulkChangeTarget(change: BulkChange): string {
  if (change.kind === 'grant') return grantTarget(change.holder.name)
  if (!isBulkSetting(change)) return 'name'
  return 'tag' in change ? `tag ${change.tag}` : `property ${change.key}`
}

function grantTarget(holder: string): string {
  return `role of ${holder}`
}

/** The value that an intent changes, before and after; null: not set. */
export function bulkIntentValues(intent: BulkIntent): { key: string; before: string | null; after: string | null } {
  if (intent.kind === 'grant') return { key: grantTarget(intent.holder), before: intent.base, after: intent.value }
  return { key: intent.key, before: intent.base, after: intent.kind === 'set-property' ? intent.value : null }
}

/**
 * The text that a user types before many tables are dropped or moved, or grants on them change: a list of another length,
 * or another catalog, has another one. Null: settings need none.
 */
export function bulkConfirmation([change]: readonly BulkChange[], tableCount: number, catalog: string): string | null {
  if (change === undefined || isBulkSetting(change)) return null
  return `${confirmedVerb(change)} ${tableCount} ${tableCount === 1 ? 'table' : 'tables'} in ${catalog}`
}

function confirmedVerb(change: Exclude<BulkChange, BulkSetting>): string {
  if (change.kind !== 'grant') return change.kind
  return change.role === null ? 'revoke on' : 'grant on'
}
