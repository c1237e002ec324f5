'use client'
import { Autocomplete, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { useCommitBlocker } from '@/components/changes/use-commit-blocker'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { retryFetch } from '@/lib/client/call/retry'
import { namespacesQuery } from '@/lib/client/namespaces'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import {
  asTableIdentifier,
  isSameTable,
  namespaceLabel,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { toScripts } from './lifecycle-scripts'
import { parseNamespace } from './parse-namespace'
import classes from './lifecycle-panel.module.css'
import { useNameBlocker } from './use-name-blocker'

const STAYS = {
  table: 'Files, location, uuid, snapshots and history stay as they are.',
  view: 'Versions, location and uuid stay as they are.',
} as const

type RenamePanelProps = {
  entry: TableIdentifier | ViewIdentifier
  /** `to` of a view is the table of its name. */
  reviewQuery: (to: TableIdentifier) => RenameReviewQuery
  rename: { isPending: boolean; isSuccess: boolean; error: Error | null; mutate: (to: TableIdentifier) => void }
  onClose: () => void
}

type RenameReviewQuery = UseQueryOptions<TableRenameReview, Error, TableRenameReview, string[]>

/** Gives a table or a view another name, in this or another namespace, after it showed how; or proposes it. */
export function RenamePanel({ entry, reviewQuery, rename, onClose }: RenamePanelProps) {
  const isView = 'view' in entry
  const kind = isView ? 'view' : 'table'
  const table = isView ? asTableIdentifier(entry) : entry
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const commitOff = useCommitBlocker(entry, { permission: 'table:maintain' })
  const [name, setName] = useState(table.table)
  const [namespaceText, setNamespaceText] = useState(namespaceLabel(table.namespace))
  const siblings = useQuery(namespacesQuery(table.catalog, null))
  const known = [table.namespace, ...(siblings.data?.namespaces.map(({ namespace }) => namespace) ?? [])]
  const to = { ...table, namespace: parseNamespace(namespaceText, known), table: name.trim() }
  const [reviewed] = useDebouncedValue(JSON.stringify(to), TYPING_PAUSE_MS)
  const isSettled = reviewed === JSON.stringify(to)
  const isComplete = to.table !== '' && to.namespace.every((level) => level !== '')
  const isNew = isComplete && !isSameTable(table, to)
  const review = useQuery({
    ...reviewQuery(to),
    // Also checks the current name: the panel reports that the table cannot be renamed before a name is typed.
    enabled: isComplete && isSettled && !rename.isPending && !rename.isSuccess,
  })
  const renameProblem = review.data?.renameProblem ?? null
  const problem = isNew && isSettled && renameProblem === null ? (review.data?.nameProblem ?? null) : null
  const label = `${namespaceLabel(table.namespace)}.${table.table}`
  const isReviewed = review.isSuccess && !review.isPlaceholderData
  const canRename = isNew && isSettled && isReviewed && problem === null && renameProblem === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Enter sends nothing that the button would not send.
    if (canRename && commitOff.isKnown && commitOff.reason === null) rename.mutate(to)
  }
  return (
    <SidePanel
      title="Rename or move"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        proposal === null && (
          <RenameFooter
            // A new name starts a new proposal.
            key={JSON.stringify(to)}
            entry={entry}
            to={to}
            fits={canRename}
            rename={rename}
            onClose={onClose}
            onProposed={setProposal}
          />
        )
      }
    >
      <div className={classes.body}>
        {proposal && <ProposedNotice entry={entry} proposal={proposal} isInPanel onDismiss={onClose} />}
        {renameProblem !== null && <WarningNote>{renameProblem}</WarningNote>}
        <form onSubmit={submit} className="stack gap-12">
          <Autocomplete
            label="Namespace"
            description="Levels are separated by dots. It must exist."
            data={[...new Set(known.map(namespaceLabel))]}
            value={namespaceText}
            onChange={setNamespaceText}
            limit={50}
            spellCheck={false}
            disabled={renameProblem !== null}
          />
          <TextInput
            label="Name"
            value={name}
            error={problem}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={255}
            autoComplete="off"
            spellCheck={false}
            disabled={renameProblem !== null}
            data-autofocus
          />
        </form>
        <ul className={classes.sentences}>
          <li>{STAYS[kind]}</li>
          <li>Queries, jobs and links that name the {kind} by its old name will no longer find it.</li>
        </ul>
        {review.error && isComplete && (
          <ProblemNote error={review.error} subject={label} onRetry={() => retryFetch(review.refetch)} />
        )}
        {isNew && review.isPending && review.fetchStatus === 'fetching' && (
          <SkeletonRows rows={4} columns={2} label="Checking the name" />
        )}
        {isNew &&
          isSettled &&
          review.data?.warnings.map((warning) => <WarningNote key={warning}>{warning}</WarningNote>)}
        {isNew && review.data && (
          <CommitTabs request={review.data.request} scripts={toScripts(review.data.statements)} changeCount={1} />
        )}
      </div>
    </SidePanel>
  )
}

type RenameFooterProps = Pick<RenamePanelProps, 'entry' | 'rename' | 'onClose'> & {
  to: TableIdentifier
  fits: boolean
  onProposed: (proposal: NewProposal) => void
}

function RenameFooter({ entry, to, rename, ...footer }: RenameFooterProps) {
  const isView = 'view' in entry
  const toNamespace = [...to.namespace]
  const target = isView
    ? { view: entry, proposed: { kind: 'rename-view' as const, toNamespace, toView: to.table } }
    : { table: entry, proposed: { kind: 'rename' as const, toNamespace, toTable: to.table } }
  return (
    <CommitFooter
      {...footer}
      {...target}
      permission="table:maintain"
      commitProblem={useNameBlocker(to, isView ? 'view' : 'table')}
      action="Rename"
      needsConfirmation={false}
      isPending={rename.isPending}
      error={rename.error}
      onCommit={() => rename.mutate(to)}
    />
  )
}
