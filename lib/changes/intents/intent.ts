import type { ChangeArea, IntentWords, WordPart } from './intent-kind'
import { type AddColumn, addColumnWords } from './add-column/words'
import { type AddPartitionField, addPartitionFieldWords } from './add-partition-field/words'
import { type ChangeColumnType, changeColumnTypeWords } from './change-column-type/words'
import { type CreateRef, createRefWords } from './create-ref/words'
import { type DropColumn, dropColumnWords } from './drop-column/words'
import { type DropRef, dropRefWords } from './drop-ref/words'
import { type ExpireSnapshots, expireSnapshotsWords } from './expire-snapshots/words'
import { type FastForward, fastForwardWords } from './fast-forward/words'
import { type MakeColumnOptional, makeColumnOptionalWords } from './make-column-optional/words'
import { type MoveColumn, moveColumnWords } from './move-column/words'
import { type RemovePartitionField, removePartitionFieldWords } from './remove-partition-field/words'
import { type RemoveProperty, removePropertyWords } from './remove-property/words'
import { type RenameColumn, renameColumnWords } from './rename-column/words'
import { type RenamePartitionField, renamePartitionFieldWords } from './rename-partition-field/words'
import { type RenameRef, renameRefWords } from './rename-ref/words'
import { type ReplaceSortOrder, replaceSortOrderWords } from './replace-sort-order/words'
import { type RollBack, rollBackWords } from './roll-back/words'
import { type SetColumnDoc, setColumnDocWords } from './set-column-doc/words'
import { type SetCurrentSchema, setCurrentSchemaWords } from './set-current-schema/words'
import { type SetDefaultSortOrder, setDefaultSortOrderWords } from './set-default-sort-order/words'
import { type SetDefaultSpec, setDefaultSpecWords } from './set-default-spec/words'
import { type SetIdentifierFields, setIdentifierFieldsWords } from './set-identifier-fields/words'
import { type SetProperty, setPropertyWords } from './set-property/words'
import { type SetRef, setRefWords } from './set-ref/words'
import { type SetRefRetention, setRefRetentionWords } from './set-ref-retention/words'
import { type SetWriteDefault, setWriteDefaultWords } from './set-write-default/words'
import { type UpgradeFormatVersion, upgradeFormatVersionWords } from './upgrade-format-version/words'

/**
 * What a person wants changed in a table, before it is a commit. Every write of the console, the command line and the
 * jobs starts as intents. {@link changeForIntents} turns them into updates and requirements against the newest metadata,
 * so that the review on a page and the commit cannot differ.
 */
export type Intent =
  | AddColumn
  | AddPartitionField
  | ChangeColumnType
  | CreateRef
  | DropColumn
  | DropRef
  | ExpireSnapshots
  | FastForward
  | MakeColumnOptional
  | MoveColumn
  | RemovePartitionField
  | RemoveProperty
  | RenameColumn
  | RenamePartitionField
  | RenameRef
  | ReplaceSortOrder
  | RollBack
  | SetColumnDoc
  | SetCurrentSchema
  | SetDefaultSortOrder
  | SetDefaultSpec
  | SetIdentifierFields
  | SetProperty
  | SetRef
  | SetRefRetention
  | SetWriteDefault
  | UpgradeFormatVersion

export type IntentKind = Intent['kind']

/** The intent of each kind. A function that is generic in the kind can look up what belongs to an intent without a cast. */
export type IntentOf = { [Kind in IntentKind]: Extract<Intent, { kind: Kind }> }

const WORDS: { [Kind in IntentKind]: IntentWords<IntentOf[Kind]> } = {
  'add-column': addColumnWords,
  'add-partition-field': addPartitionFieldWords,
  'change-column-type': changeColumnTypeWords,
  'create-ref': createRefWords,
  'drop-column': dropColumnWords,
  'drop-ref': dropRefWords,
  'expire-snapshots': expireSnapshotsWords,
  'fast-forward': fastForwardWords,
  'make-column-optional': makeColumnOptionalWords,
  'move-column': moveColumnWords,
  'remove-partition-field': removePartitionFieldWords,
  'remove-property': removePropertyWords,
  'rename-column': renameColumnWords,
  'rename-partition-field': renamePartitionFieldWords,
  'rename-ref': renameRefWords,
  'replace-sort-order': replaceSortOrderWords,
  'roll-back': rollBackWords,
  'set-column-doc': setColumnDocWords,
  'set-current-schema': setCurrentSchemaWords,
  'set-default-sort-order': setDefaultSortOrderWords,
  'set-default-spec': setDefaultSpecWords,
  'set-identifier-fields': setIdentifierFieldsWords,
  'set-property': setPropertyWords,
  'set-ref': setRefWords,
  'set-ref-retention': setRefRetentionWords,
  'set-write-default': setWriteDefaultWords,
  'upgrade-format-version': upgradeFormatVersionWords,
}

/** Every kind of change, in the order in which they are documented. */
export const INTENT_KINDS = Object.keys(WORDS) as readonly IntentKind[]

/** What the intent changes. Of two intents with one target, the tray has the later one. */
export function intentTarget(intent: Intent): string {
  return targetOf(intent.kind, intent)
}

export function intentArea({ kind }: Intent): ChangeArea {
  return WORDS[kind].area
}

export function intentSign(intent: Intent): '+' | '−' | '~' {
  return signOf(intent.kind, intent)
}

/** A sentence in the imperative, in pieces. */
export function intentWords(intent: Intent): readonly WordPart[] {
  return wordsOf(intent.kind, intent)
}

/** The same as plain text: `Rename a to b`. */
export function intentSentence(intent: Intent): string {
  return intentWords(intent).map(plainWord).join(' ').replaceAll(' )', ')')
}

/** Whether an intent conflicts because its new name is already taken. */
export function isNameTaken(
  intent: Intent,
  { now, requested }: { now: string | null; requested: string | null },
): boolean {
  return now !== null && now === requested && WORDS[intent.kind].withName !== undefined
}

/** The intent with another name; null if it names nothing. */
export function intentWithName(intent: Intent, name: string): Intent | null {
  return withNameOf(intent.kind, intent, name)
}

function withNameOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind], name: string): Intent | null {
  return WORDS[kind].withName?.(intent, name) ?? null
}

function plainWord(part: WordPart): string {
  if (typeof part === 'string') return part
  if ('name' in part) return part.name
  return part.value === null ? 'not set' : part.value === '' ? 'empty' : part.value
}

function targetOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): string {
  return WORDS[kind].target(intent)
}

function signOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): '+' | '−' | '~' {
  return WORDS[kind].sign(intent)
}

function wordsOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): readonly WordPart[] {
  return WORDS[kind].words(intent)
}
