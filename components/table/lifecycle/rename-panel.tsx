'use client'
import { Autocomplete, TextInput } from '@mantine/core'
import type { UseQueryOptions } from '@tanstack/react-query'
import { useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { useIsInUse } from '@/components/changes/action/use-is-in-use'
import { isUnsent, useReview } from '@/components/changes/action/use-review'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useSettled } from '@/components/ui/use-settled'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import {
  asTableIdentifier,
  isSameTable,
  namespaceLabel,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import classes from './lifecycle-panel.module.css'
import { parseNamespace } from './parse-namespace'
import { RENAME_STAYS, renameConsequence, renameParts } from './rename-review'
import { useNameBlocker } from './use-name-blocker'

/** `to` of a view is the table of its name. */
type RenameRequest = { to: TableIdentifier; confirmedName: string | undefined }

type RenamePanelProps = {
  entry: TableIdentifier | ViewIdentifier
  /** `to` of a view is the table of its name. */
  reviewQuery: (to: TableIdentifier) => RenameReviewQuery
  rename: { isPending: boolean; isSuccess: boolean; error: Error | null; mutate: (request: RenameRequest) => void }
  onClose: () => void
}

type RenameReviewQuery = UseQueryOptions<TableRenameReview, Error, TableRenameReview, string[]>

/**
 * Gives a table or a view another name, in this or another namespace, after it showed how; or proposes it. If anything is
 * known to use the entry, the user types its name, as for a drop.
 */
export function RenamePanel({ entry, reviewQuery, rename, onClose }: RenamePanelProps) {
  const isView = 'view' in entry
  const kind = isView ? 'view' : 'table'
  const table = isView ? asTableIdentifier(entry) : entry
  const [name, setName] = useState(table.table)
  const [namespaceText, setNamespaceText] = useState(namespaceLabel(table.namespace))
  const siblings = useKnownNamespaces({ catalog: table.catalog, parent: null }, { typed: namespaceText })
  const known = [table.namespace, ...siblings.namespaces]
  const to = { ...table, namespace: parseNamespace(namespaceText, known), table: name.trim() }
  const reviewed = useSettled(JSON.stringify(to))
  const isSettled = reviewed === JSON.stringify(to)
  const isComplete = to.table !== '' && to.namespace.every((level) => level !== '')
  const isNew = isComplete && !isSameTable(table, to)
  const { query, data } = useReview(
    reviewQuery(to),
    rename,
    // Also checks the current name: the panel reports that the table cannot be renamed before a name is typed.
    isComplete && isSettled,
  )
  const isInUse = useIsInUse(entry, { enabled: isUnsent(rename) })
  const renameProblem = data?.renameProblem ?? null
  const problem = isNew && isSettled && renameProblem === null ? (data?.nameProblem ?? null) : null
  const isReviewed = query.isSuccess && !query.isPlaceholderData
  const toNamespace = [...to.namespace]
  return (
    <ActionPanel
      title="Rename or move"
      width={468}
      entry={entry}
      choices={renameProblem !== null && <WarningNote>{renameProblem}</WarningNote>}
      fields={
        <>
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
          <ul className={classes.sentences}>
            <li>{RENAME_STAYS[kind]}</li>
            <li>{renameConsequence(kind)}</li>
          </ul>
          {isUnsent(rename) && <LostNameNote entry={entry} loss="rename" />}
        </>
      }
      query={isNew || (isComplete && query.error) ? query : null}
      {...renameParts(isNew ? data : undefined)}
      write={rename}
      action={{
        proposed: isView
          ? { kind: 'rename-view', toNamespace, toView: to.table }
          : { kind: 'rename', toNamespace, toTable: to.table },
        id: JSON.stringify(to),
        label: 'Rename',
        fits: isNew && isSettled && isReviewed && problem === null && renameProblem === null,
        commitProblem: useNameBlocker(to, kind),
        needsConfirmation: isInUse === true,
        isIncomplete: isInUse === undefined,
        commit: (confirmedName) => rename.mutate({ to, confirmedName }),
      }}
      onClose={onClose}
    />
  )
}
