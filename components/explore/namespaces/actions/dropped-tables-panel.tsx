'use client'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { isUnsent, useReview } from '@/components/changes/action/use-review'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSettled } from '@/components/ui/use-settled'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { droppedTablesQuery, restoreReviewQuery, useRestoreTable } from '@/lib/client/lifecycle/tables'
import type { DroppedTable } from '@/lib/contract/lifecycle/tables'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './namespace-panel.module.css'
import type { NamespacePanelProps } from './namespace-panel-props'

/** The tables and views that were dropped from the namespace and whose files still exist, each with *Restore*. */
export function DroppedTablesPanel({ catalog, namespace, onClose }: NamespacePanelProps) {
  const query = useQuery(droppedTablesQuery(catalog, namespace))
  return (
    <ActionPanel
      title="Dropped tables and views"
      subtitle={namespaceLabel(namespace)}
      width={468}
      entry={{ catalog, namespace }}
      query={query}
      skeleton={[4, 2, 'Looking for dropped tables and views']}
      action={null}
      onClose={onClose}
    >
      {query.data?.tables.length === 0 && (
        <EmptyState>
          No table or view of this namespace can be restored. A table that was dropped with its files is gone once their
          removal has begun.
        </EmptyState>
      )}
      {query.data && query.data.tables.length > 0 && (
        <p className="bare secondary dense">
          What is restored is as it was when it was dropped. Grants on the table or view itself are not restored.
        </p>
      )}
      {query.data && query.data.tables.length > 0 && (
        <ul className="stack gap-10 bare-list">
          {query.data.tables.map((dropped) => (
            <DroppedEntry key={dropped.auditId} catalog={catalog} namespace={namespace} dropped={dropped} />
          ))}
        </ul>
      )}
      {query.data?.isTruncated === true && (
        <p className="bare secondary dense">
          Only the newest drops were looked through. {formatCount(query.data.tables.length)} of them can be restored.
        </p>
      )}
    </ActionPanel>
  )
}

function DroppedEntry({
  catalog,
  namespace,
  dropped,
}: {
  catalog: string
  namespace: Namespace
  dropped: DroppedTable
}) {
  const navigateAway = useNavigateAway()
  const { auditId, kind, table, isNameTaken } = dropped
  const restore = useRestoreTable(catalog, namespace, (restored) =>
    navigateAway(
      kind === 'view'
        ? paths.view({ catalog, namespace, view: restored })
        : paths.table({ catalog, namespace, table: restored }),
    ),
  )
  const [typedName, setTypedName] = useState(isNameTaken ? `${table}_restored` : table)
  const name = typedName.trim()
  const settledName = useSettled(name)
  const isSettled = name === settledName
  const { query } = useReview(
    restoreReviewQuery(catalog, namespace, { auditId, name }),
    restore,
    name !== '' && isSettled,
  )
  const nameProblem = isSettled && isUnsent(restore) ? (query.data?.nameProblem ?? null) : null
  const canRestore = name !== '' && nameProblem === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canRestore) restore.mutate({ auditId, name })
  }
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <span className="strong breakable">
          <VisibleText>{table}</VisibleText>
        </span>
      </div>
      <span className="bare secondary dense">
        {kind === 'view' ? 'View' : 'Table'}, dropped <RelativeTime atMs={dropped.droppedAtMs} /> by {dropped.actor}
        {isNameTaken && '. Its name has been taken since.'}
      </span>
      <span className="bare secondary dense">
        {dropped.purgeAtMs === null ? (
          'Its files stay, so it can be restored at any time.'
        ) : (
          <>
            Can be restored until its files are removed, <RelativeTime atMs={dropped.purgeAtMs} />.
          </>
        )}
      </span>
      <form onSubmit={submit} className={classes.fields}>
        <TextInput
          label="Restore as"
          value={typedName}
          error={nameProblem}
          onChange={(event) => setTypedName(event.currentTarget.value)}
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
        />
        <WaitingButton
          type="submit"
          variant="default"
          aria-label={visibleText(`Restore ${table}`)}
          loading={!isUnsent(restore)}
          disabled={!canRestore}
        >
          Restore
        </WaitingButton>
      </form>
      {restore.error && (
        <ProblemNote
          error={restore.error}
          subject={`${namespaceLabel(namespace)}.${table}`}
          unchanged={`The ${kind} was not restored.`}
        />
      )}
    </li>
  )
}
