'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { NewProposal } from './propose-form'

const LazyProposedNotice = lazyComponent(async () => (await import('./proposed-notice')).ProposedNotice)
const LazyCommitNotice = lazyComponent(async () => (await import('./commit-notice')).CommitNotice)

/**
 * The result of an action of a panel: committed or proposed. `canUndo`: without a confirmation, so that the notice can
 * offer it; `undoneInHistory`: with one, so that the notice leads to it; `isRedo`: the action was an undo itself.
 */
export type CompletedAction =
  | { auditId: string; canUndo: boolean; undoneInHistory?: boolean; isRedo?: boolean; message: string }
  | { proposal: NewProposal }

type ActionNoticeProps = { table: TableIdentifier; done: CompletedAction | null; onDismiss: () => void }

/** The line on the page after its panel has carried out or proposed an action. */
export function ActionNotice({ table, done, onDismiss }: ActionNoticeProps) {
  if (done === null) return null
  if ('proposal' in done) return <LazyProposedNotice entry={table} proposal={done.proposal} onDismiss={onDismiss} />
  const { auditId, canUndo, undoneInHistory = false, isRedo = false, message } = done
  return (
    <LazyCommitNotice
      key={auditId}
      table={table}
      auditId={canUndo ? auditId : null}
      {...(undoneInHistory && { undoHref: paths.undo(table, auditId) })}
      isRedo={isRedo}
      onDismiss={onDismiss}
    >
      {message}
    </LazyCommitNotice>
  )
}
