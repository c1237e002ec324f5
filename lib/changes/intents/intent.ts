import type { ChangeArea, EffectFigures, IntentDescription, SentencePart } from './intent-description'
import { addColumnDescription } from './add-column/describe'
import { addPartitionFieldDescription } from './add-partition-field/describe'
import { changeColumnTypeDescription } from './change-column-type/describe'
import { createRefDescription } from './create-ref/describe'
import { dropColumnDescription } from './drop-column/describe'
import { dropRefDescription } from './drop-ref/describe'
import { expireSnapshotsDescription } from './expire-snapshots/describe'
import { fastForwardDescription } from './fast-forward/describe'
import { makeColumnOptionalDescription } from './make-column-optional/describe'
import { moveColumnDescription } from './move-column/describe'
import { removePartitionFieldDescription } from './remove-partition-field/describe'
import { removePropertyDescription } from './remove-property/describe'
import { renameColumnDescription } from './rename-column/describe'
import { renamePartitionFieldDescription } from './rename-partition-field/describe'
import { renameRefDescription } from './rename-ref/describe'
import { replaceSortOrderDescription } from './replace-sort-order/describe'
import { rollBackDescription } from './roll-back/describe'
import { setColumnDocDescription } from './set-column-doc/describe'
import { setCurrentSchemaDescription } from './set-current-schema/describe'
import { setDefaultSortOrderDescription } from './set-default-sort-order/describe'
import { setDefaultSpecDescription } from './set-default-spec/describe'
import { setIdentifierFieldsDescription } from './set-identifier-fields/describe'
import { setPropertyDescription } from './set-property/describe'
import { setRefDescription } from './set-ref/describe'
import { setRefRetentionDescription } from './set-ref-retention/describe'
import { setWriteDefaultDescription } from './set-write-default/describe'
import { upgradeFormatVersionDescription } from './upgrade-format-version/describe'

/** The folders of this room: each kind is named here, and the other records are total over it. */
const FOLDERS = {
  'add-column': addColumnDescription,
  'add-partition-field': addPartitionFieldDescription,
  'change-column-type': changeColumnTypeDescription,
  'create-ref': createRefDescription,
  'drop-column': dropColumnDescription,
  'drop-ref': dropRefDescription,
  'expire-snapshots': expireSnapshotsDescription,
  'fast-forward': fastForwardDescription,
  'make-column-optional': makeColumnOptionalDescription,
  'move-column': moveColumnDescription,
  'remove-partition-field': removePartitionFieldDescription,
  'remove-property': removePropertyDescription,
  'rename-column': renameColumnDescription,
  'rename-partition-field': renamePartitionFieldDescription,
  'rename-ref': renameRefDescription,
  'replace-sort-order': replaceSortOrderDescription,
  'roll-back': rollBackDescription,
  'set-column-doc': setColumnDocDescription,
  'set-current-schema': setCurrentSchemaDescription,
  'set-default-sort-order': setDefaultSortOrderDescription,
  'set-default-spec': setDefaultSpecDescription,
  'set-identifier-fields': setIdentifierFieldsDescription,
  'set-property': setPropertyDescription,
  'set-ref': setRefDescription,
  'set-ref-retention': setRefRetentionDescription,
  'set-write-default': setWriteDefaultDescription,
  'upgrade-format-version': upgradeFormatVersionDescription,
}

/** The intent of each kind. A function that is generic in the kind can look up what belongs to an intent without a cast. */
export type IntentOf = {
  [Kind in keyof typeof FOLDERS]: (typeof FOLDERS)[Kind] extends IntentDescription<infer Described> ? Described : never
}

export type IntentKind = keyof IntentOf

/**
 * A change of a table that a person asks for, before it is a commit. Every write of the console, the command line and
 * the jobs starts as intents. {@link changeForIntents} turns them into updates and requirements against the newest
 * metadata, so that the review on a page and the commit cannot differ.
 */
export type Intent = IntentOf[IntentKind]

const DESCRIPTIONS: { [Kind in IntentKind]: IntentDescription<IntentOf[Kind]> } = FOLDERS

/** Every kind of change, in the order in which they are documented. */
export const INTENT_KINDS = Object.keys(FOLDERS) as readonly IntentKind[]

/** The part of the table that the intent changes. Of two intents with one target, the tray has the later one. */
export function intentTarget(intent: Intent): string {
  return targetOf(intent.kind, intent)
}

export function intentArea({ kind }: Intent): ChangeArea {
  return DESCRIPTIONS[kind].area
}

export function intentSign(intent: Intent): '+' | '−' | '~' {
  return signOf(intent.kind, intent)
}

/** A sentence in the imperative, in pieces. */
export function describeIntent(intent: Intent): readonly SentencePart[] {
  return sentenceOf(intent.kind, intent)
}

/** The sentence as plain text: `Rename a to b`. */
export function intentSentence(intent: Intent): string {
  return describeIntent(intent).map(plainPart).join(' ').replaceAll(' )', ')')
}

const UNKNOWN: EffectFigures = { dataFileCount: null, snapshotCount: null }

/** One or two sentences on what becomes of existing files, and what readers and writers of the table see. */
export function intentEffects(intent: Intent, figures: EffectFigures = UNKNOWN): string {
  return effectsOf(intent.kind, intent, figures)
}

/** Whether an intent conflicts because its new name is already taken. */
export function isNameTaken(
  intent: Intent,
  { current: now, requested }: { current: string | null; requested: string | null },
): boolean {
  return now !== null && now === requested && DESCRIPTIONS[intent.kind].withName !== undefined
}

/** The intent with another name; null for kinds without a name. */
export function intentWithName(intent: Intent, name: string): Intent | null {
  return withNameOf(intent.kind, intent, name)
}

function withNameOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind], name: string): IntentOf[Kind] | null {
  return DESCRIPTIONS[kind].withName?.(intent, name) ?? null
}

function plainPart(part: SentencePart): string {
  if (typeof part === 'string') return part
  if ('name' in part) return part.name
  return part.value === null ? 'not set' : part.value === '' ? 'empty' : part.value
}

function targetOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): string {
  return DESCRIPTIONS[kind].target(intent)
}

function signOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): '+' | '−' | '~' {
  return DESCRIPTIONS[kind].sign(intent)
}

function sentenceOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind]): readonly SentencePart[] {
  return DESCRIPTIONS[kind].describe(intent)
}

function effectsOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind], figures: EffectFigures): string {
  return DESCRIPTIONS[kind].effects(intent, figures)
}
