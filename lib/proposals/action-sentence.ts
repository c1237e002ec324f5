import type { EntryAction, ProposedViewAction } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-table-action'
import { undoTitle } from '@/lib/format/action-name'
import { formatQuantity } from '@/lib/format/count'
import { formatExactDuration } from '@/lib/format/exact-duration'
import { formatExactTime } from '@/lib/format/time'
import { visibleText } from '@/lib/format/visible-text'
import { APPEND_TO_MAIN, type LoadLanding } from '@/lib/ingest/load-landing'
import { namespaceLabel } from '@/lib/names/identifiers'
import { intentSentence } from '@/lib/changes/intents/intent'
import { proposedFileLabel, proposedFiles } from './load-texts'

/** A proposed action in one line: the usual title of a proposal. */
export function actionSentence(action: EntryAction): string {
  if (action.kind === 'change-table') return action.intents.map(intentSentence).join(' · ')
  if (action.kind === 'rewrite-files') return 'Rewrite files to the settings of their columns'
  if (action.kind === 'delete-rows')
    return `Delete the rows that match a filter${action.branch === null ? '' : ` on ${action.branch}`}`
  if (action.kind === 'load')
    return loadSentence(
      action,
      proposedFiles(action).map((file) => fileName(proposedFileLabel(file))),
    )
  if (action.kind === 'load-uploads')
    return loadSentence(
      action,
      action.uploads.map((upload) => upload.fileName),
    )
  if (action.kind === 'publish')
    return action.branch === null
      ? `Publish the staged snapshot ${action.snapshotId}`
      : `Publish ${action.branch} at snapshot ${action.snapshotId}`
  if (action.kind === 'cherry-pick') return `Cherry-pick snapshot ${action.snapshotId} onto ${action.branch}`
  if (action.kind === 'undo') return undoTitle(action.undone)
  if (action.kind === 'undo-expiry')
    return action.newName === null
      ? 'Undo: Expire snapshots'
      : `Register the snapshots from before the expiry as ${action.newName}`
  if (action.kind === 'change-view') return viewEditSentence(action.edit)
  if (action.kind === 'rename-view') return `Rename to ${namespaceLabel(action.toNamespace)}.${action.toView}`
  if (action.kind === 'drop-view') return 'Drop the view'
  if (action.kind === 'drop-namespace') return 'Drop the namespace with all that is in it'
  if (action.kind === 'relax-change-policy')
    return action.requiresProposal ? 'Allow commits of engines again' : 'No longer require a second person for changes'
  if (action.kind === 'rename') return `Rename to ${namespaceLabel(action.toNamespace)}.${action.toTable}`
  if (action.kind === 'drop')
    return action.isPurge ? 'Drop the table and remove its files' : 'Drop the table and keep its files'
  return `Expire snapshots ${describeExpiry(action).join(', ')}`
}

function loadSentence({ landing }: { landing?: LoadLanding | undefined }, [first = '', ...others]: string[]): string {
  const { operation, branch } = landing ?? APPEND_TO_MAIN
  const more = others.length === 0 ? '' : ` and ${formatQuantity(others.length, 'other file')}`
  return `${LOAD_VERBS[operation]} ${visibleText(first)}${more}${branch === null ? '' : ` on ${branch}`}`
}

const LOAD_VERBS: Readonly<Record<LoadLanding['operation'], string>> = {
  append: 'Load',
  'replace-partitions': 'Replace partitions by',
  'replace-where': 'Replace the rows that match a filter by',
  'replace-table': 'Replace all rows by',
  upsert: 'Upsert',
}

/** The last part of a location. */
export function fileName(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1)
}

function viewEditSentence(edit: Extract<ProposedViewAction, { kind: 'change-view' }>['edit']): string {
  if (edit.kind === 'roll-back') return `Roll back to version ${edit.versionId}`
  if (edit.kind === 'properties') return `Change ${edit.changes.map(({ name }) => name).join(', ')}`
  const dialects = edit.representations.map(({ dialect }) => dialect)
  return dialects.length === 0 ? 'Write a new version' : `Write a new version in ${dialects.join(', ')}`
}

const MAX_NAMED_SNAPSHOTS = 3

function describeExpiry(action: Extract<ProposedAction, { kind: 'expire' }>): string[] {
  const { olderThanMs, maxAgeMs, retainLast, snapshotIds, removeFilesAfterMs } = action
  const files =
    removeFilesAfterMs === undefined
      ? []
      : removeFilesAfterMs === null
        ? ['files stay']
        : [`files removed ${formatExactDuration(String(removeFilesAfterMs))} later`]
  return [
    ...(snapshotIds === undefined ? [] : [namedSnapshots(snapshotIds)]),
    // A time before every snapshot: only the named snapshots expire.
    ...(olderThanMs === undefined || olderThanMs === 0 ? [] : [`from before ${formatExactTime(olderThanMs, 'UTC')}`]),
    ...(maxAgeMs === undefined
      ? []
      : [maxAgeMs === 0 ? 'of any age' : `older than ${formatExactDuration(String(maxAgeMs))}`]),
    ...(olderThanMs === undefined && maxAgeMs === undefined ? ['older than the table default'] : []),
    ...(retainLast === undefined ? [] : [`at least ${retainLast} of each branch stay`]),
    ...files,
  ]
}

function namedSnapshots(ids: readonly string[]): string {
  const moreCount = ids.length - MAX_NAMED_SNAPSHOTS
  const named = ids.slice(0, MAX_NAMED_SNAPSHOTS).join(', ')
  return moreCount > 0 ? `${named} and ${moreCount} more` : named
}
