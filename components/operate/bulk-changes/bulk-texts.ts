import { type BulkChange, bulkChangeTarget } from '@/lib/changes/intents/bulk-change'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import { undoText } from '@/components/about/run-texts'
import type { BulkCounts } from './bulk-states'

/** Sentences about a change of many tables, by what it does to them. */

type Texts = {
  /** The label of the button that writes, without the tables. */
  verb: string
  /** The effect of an undo on changed tables. */
  undo: string
  /** The tables that an undo leaves as they are. */
  notUndone: string
}

const SETTING_TEXTS: Texts = {
  verb: 'Change',
  undo: 'get their earlier values back, a commit each',
  notUndone: 'A table whose values were changed since stays as it is.',
}
const DROP_TEXTS: Texts = {
  verb: 'Drop',
  undo: 'are restored, with the files that they had; grants on them are not',
  notUndone: 'A table whose name is taken, or whose metadata file is missing, stays dropped.',
}
const MOVE_TEXTS: Texts = {
  verb: 'Move',
  undo: 'are moved back',
  notUndone: 'A table that was dropped, renamed or replaced since stays as it is, and so does one whose name is taken.',
}

export function textsFor([change]: readonly BulkChange[]): Texts {
  if (change?.kind === 'drop') return DROP_TEXTS
  return change?.kind === 'move' ? MOVE_TEXTS : SETTING_TEXTS
}

export function isDrop(changes: readonly BulkChange[]): boolean {
  return changes.some(({ kind }) => kind === 'drop')
}

/** The heading of the page: `Change owner and 2 other settings of 214 tables`. */
export function bulkTitle(changes: readonly BulkChange[], tableCount: number): string {
  const tables = formatQuantity(tableCount, 'table')
  const [first, ...others] = changes
  if (first === undefined) return `Change of ${tables}`
  if (first.kind === 'drop') return `Drop ${tables}`
  if (first.kind === 'move') return `Move ${tables} to ${namespaceLabel(first.toNamespace)}`
  const target = 'key' in first ? first.key : `the ${bulkChangeTarget(first)}`
  if (others.length === 0) return `Change ${target} of ${tables}`
  return `Change ${target} and ${formatQuantity(others.length, 'other setting', 'other settings')} of ${tables}`
}

const WRITTEN_STATES = ['changed', 'proposed', 'unknown', 'undoing', 'undone', 'not-undone'] as const

/** The state of a change whose newest run was a preview. A preview may come after a run that wrote some tables. */
export function previewText(counts: BulkCounts): string {
  return WRITTEN_STATES.some((state) => counts[state] > 0) ? 'previewed' : 'previewed, nothing changed yet'
}

/** The state of a change whose newest run was an undo: `undone: 12 of 12 tables restored`. */
export function undoneText(counts: BulkCounts): string {
  return undoText(counts.undone, counts.undone + counts['not-undone'] + counts.undoing)
}

/** The conditions that gave the list, as a user reads them. */
export function selectionTexts(catalog: string, selection: TableSelection): string[] {
  const { namespace, depth, search, owner, tag, property, minBytes, maxBytes, minFiles, maxFiles } = selection
  const label = namespace && namespaceLabel(namespace)
  return [
    label === undefined
      ? `in ${catalog}`
      : `in ${catalog} / ${label}${depth === 'direct' ? '' : ' and namespaces in it'}`,
    ...(search ? [`name contains ${search}`] : []),
    ...(owner ? [`owner = ${owner}`] : []),
    ...(tag ? [`tag = ${tag}`] : []),
    ...(property ? [property] : []),
    ...(minBytes === undefined ? [] : [`size ≥ ${formatBytes(minBytes)}`]),
    ...(maxBytes === undefined ? [] : [`size ≤ ${formatBytes(maxBytes)}`]),
    ...(minFiles === undefined ? [] : [`data files ≥ ${formatCount(minFiles)}`]),
    ...(maxFiles === undefined ? [] : [`data files ≤ ${formatCount(maxFiles)}`]),
  ]
}
