import { type BulkChange, bulkChangeTarget } from '@/lib/changes/intents/bulk-change'
import type { BulkStep, TableSelection } from '@/lib/contract/bulk-changes'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import { undoText, warningTexts } from '@/components/about/run-texts'
import type { BulkCounts } from './bulk-states'

/** Sentences about a change of many tables, by what it does to them. */

type Texts = {
  /** The label of the button that writes, without the tables. */
  verb: string
  /** Next to the number of the tables that the user types; empty if none is typed. */
  consequence: string
  /** The effect of an undo on one changed table, and on several. */
  undo: readonly [one: string, many: string]
  /** The tables that an undo leaves as they are. */
  notUndone: string
}

const SETTING_TEXTS: Texts = {
  verb: 'Change',
  consequence: '',
  undo: ['gets its earlier values back, in one commit', 'get their earlier values back, in one commit per table'],
  notUndone: 'A table whose values were changed since stays as it is.',
}
const DROP_TEXTS: Texts = {
  verb: 'Drop',
  consequence: 'No file is removed. The catalog can restore the tables; grants on them end with the drop.',
  undo: [
    'is restored, with the files that it had; grants on it are not',
    'are restored, with the files that they had; grants on them are not',
  ],
  notUndone: 'A table whose name is taken, or whose metadata file is missing, stays dropped.',
}
const MOVE_TEXTS: Texts = {
  verb: 'Move',
  consequence: 'Engines and queries find the tables only under their new names.',
  undo: ['is moved back', 'are moved back'],
  notUndone: 'A table that was dropped, renamed or replaced since stays as it is, and so does one whose name is taken.',
}
const GRANT_TEXTS: Texts = {
  verb: 'Change grants on',
  consequence: 'Each grant takes effect with the next request of its holder.',
  undo: ['gets the role again that the holder had', 'get the role again that the holder had'],
  notUndone: 'A table on which the holder got another role since stays as it is.',
}

export function textsFor([change]: readonly BulkChange[]): Texts {
  if (change?.kind === 'drop') return DROP_TEXTS
  if (change?.kind === 'grant') return GRANT_TEXTS
  return change?.kind === 'move' ? MOVE_TEXTS : SETTING_TEXTS
}

export function isDrop(changes: readonly BulkChange[]): boolean {
  return changes.some(({ kind }) => kind === 'drop')
}

/** The heading of the page: `Set owner and 2 other settings on 214 tables`. */
export function bulkTitle(changes: readonly BulkChange[], tableCount: number): string {
  const tables = formatQuantity(tableCount, 'table')
  const [first, ...others] = changes
  if (first === undefined) return `Change of ${tables}`
  if (first.kind === 'drop') return `Drop ${tables}`
  if (first.kind === 'move') return `Move ${tables} to ${namespaceLabel(first.toNamespace)}`
  if (first.kind === 'grant') {
    const { holder, role } = first
    return role === null
      ? `Revoke the role of ${holder.name} on ${tables}`
      : `Grant ${role} to ${holder.name} on ${tables}`
  }
  const target = 'key' in first ? first.key : `the ${bulkChangeTarget(first)}`
  const [verb, preposition] = settingVerb(changes)
  const more = others.length === 0 ? '' : ` and ${formatQuantity(others.length, 'other setting', 'other settings')}`
  return `${verb} ${target}${more} ${preposition} ${tables}`
}

/** A verb that is true for each of the changes of settings, with its preposition. */
function settingVerb(changes: readonly BulkChange[]): readonly [verb: string, preposition: string] {
  const removed = changes.filter(({ kind }) => kind === 'remove-property' || kind === 'remove-tag')
  if (removed.length === 0) return ['Set', 'on']
  return removed.length === changes.length ? ['Remove', 'from'] : ['Change', 'on']
}

const WRITTEN_STATES = ['changed', 'proposed', 'unknown', 'undoing', 'undone', 'not-undone'] as const

/** The state of a change whose newest run was a preview. A preview may come after a run that wrote some tables. */
export function previewText(counts: BulkCounts): string {
  const text = WRITTEN_STATES.some((state) => counts[state] > 0) ? 'previewed' : 'previewed, nothing changed yet'
  return [text, ...warningTexts('change-tables', problemCounts(counts))].join(', ')
}

/** The tables that need a look after a preview or a write, as the warnings of runs: also those of earlier runs. */
export function problemCounts({ failed, unknown }: BulkCounts): Record<string, number> {
  return { ...(failed > 0 && { tablesFailed: failed }), ...(unknown > 0 && { tablesUnknown: unknown }) }
}

/** The state of a change whose newest run was an undo: `undone: 12 of 12 tables restored`. */
export function undoneText(counts: BulkCounts): string {
  return undoText(counts.undone, counts.undone + counts['not-undone'] + counts.undoing)
}

/** The tables that a stopped run has not changed; null if it reached all of them. */
export function stoppedText(counts: BulkCounts, step: BulkStep | null): string | null {
  if (step === 'undo') {
    const notUndoneCount = counts['not-undone']
    return notUndoneCount === 0 ? null : `stopped, ${formatQuantity(notUndoneCount, 'table')} not undone`
  }
  const { left } = counts
  return left === 0 ? null : `stopped, ${formatQuantity(left, 'table')} left as ${left === 1 ? 'it was' : 'they were'}`
}

const NOTHING_TO_UNDO = {
  unchanged: 'already so',
  failed: 'failed',
  waiting: 'not previewed yet',
  ready: 'not changed yet',
  'ready-to-propose': 'not proposed yet',
  left: 'not reached',
} as const

/** Says what an undo does with the tables, by numbers that add up to all of them. */
export function undoEffects(changes: readonly BulkChange[], counts: BulkCounts): { count: number; text: string }[] {
  const reasons = Object.entries(NOTHING_TO_UNDO).flatMap(([state, text]) => {
    const count = counts[state as keyof typeof NOTHING_TO_UNDO]
    return count === 0 ? [] : [{ count, text }]
  })
  const [only] = reasons
  const reasonText =
    reasons.length === 1
      ? `${only?.text}`
      : reasons.map(({ count, text }) => `${formatCount(count)} ${text}`).join(', ')
  const isNotRun = reasons.length === 1 && counts.ready > 0
  const rows: [count: number, texts: readonly [one: string, many: string]][] = [
    [counts.changed + counts.undoing, textsFor(changes).undo],
    [
      counts['not-undone'],
      [
        'was not undone, for the reason in the list; another undo retries it',
        'were not undone, for the reasons in the list; another undo retries them',
      ],
    ],
    [counts.proposed, ['is in an open proposal, which is withdrawn', 'are in an open proposal, which is withdrawn']],
    [
      counts.unknown,
      ['has an unknown outcome, so the undo leaves it', 'have unknown outcomes, so the undo leaves them'],
    ],
    [counts.undone, ['is undone already', 'are undone already']],
    [
      reasons.reduce((sum, { count }) => sum + count, 0),
      isNotRun
        ? [
            'has nothing to undo yet: the change has not run on it',
            'have nothing to undo yet: the change has not run on them',
          ]
        : [`has nothing to undo: ${reasonText}`, `have nothing to undo: ${reasonText}`],
    ],
  ]
  return rows.flatMap(([count, [one, many]]) => (count === 0 ? [] : [{ count, text: count === 1 ? one : many }]))
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
