'use client'
import { Autocomplete, Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { retryFetch } from '@/lib/client/call/retry'
import { namespacesQuery } from '@/lib/client/namespaces'
import { renameReviewQuery, useRenameTable } from '@/lib/client/lifecycle/tables'
import { isSameTable, namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { toScripts } from './lifecycle-scripts'
import { parseNamespace } from './parse-namespace'
import classes from './lifecycle-panel.module.css'

/** Gives the table another name, in this or another namespace, after it showed how. */
export function RenamePanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const leadAway = useLeadAway()
  const formId = useId()
  const [name, setName] = useState(table.table)
  const [namespaceText, setNamespaceText] = useState(namespaceLabel(table.namespace))
  const siblings = useQuery(namespacesQuery(table.catalog, null))
  const known = [table.namespace, ...(siblings.data?.namespaces.map(({ namespace }) => namespace) ?? [])]
  const to = { ...table, namespace: parseNamespace(namespaceText, known), table: name.trim() }
  const [reviewed] = useDebouncedValue(JSON.stringify(to), TYPING_PAUSE_MS)
  const isSettled = reviewed === JSON.stringify(to)
  const isNew = to.table !== '' && to.namespace.every((level) => level !== '') && !isSameTable(table, to)
  const rename = useRenameTable(table, (renamed) => leadAway(paths.table(renamed)))
  const review = useQuery({
    ...renameReviewQuery(table, to),
    enabled: isNew && isSettled && !rename.isPending && !rename.isSuccess,
  })
  const problem = isNew && isSettled ? (review.data?.problem ?? null) : null
  const label = `${namespaceLabel(table.namespace)}.${table.table}`
  const canRename = isNew && isSettled && review.isSuccess && !review.isPlaceholderData && problem === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canRename) rename.mutate(to)
  }
  return (
    <SidePanel
      title="Rename or move"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} disabled={rename.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={rename.isPending} disabled={!canRename}>
            Rename
          </WaitingButton>
        </div>
      }
    >
      <div className={classes.body}>
        {rename.error && <ProblemNote error={rename.error} subject={label} unchanged="The table was not renamed." />}
        <form id={formId} onSubmit={submit} className={classes.fields}>
          <Autocomplete
            label="Namespace"
            description="Levels are separated by dots. It must exist."
            data={[...new Set(known.map(namespaceLabel))]}
            value={namespaceText}
            onChange={setNamespaceText}
            limit={50}
            spellCheck={false}
          />
          <TextInput
            label="Name"
            value={name}
            error={problem}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={255}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        </form>
        <ul className={classes.sentences}>
          <li>Files, location, uuid, snapshots and history stay as they are.</li>
          <li>Queries, jobs and links that name the table by its old name will no longer find it.</li>
        </ul>
        {review.error && isNew && (
          <ProblemNote error={review.error} subject={label} onRetry={() => retryFetch(review.refetch)} />
        )}
        {isNew && review.isPending && review.fetchStatus === 'fetching' && (
          <SkeletonRows rows={4} columns={2} label="Checking the name" />
        )}
        {isNew && review.data && (
          <CommitTabs request={review.data.request} scripts={toScripts(review.data.statements)} changeCount={1} />
        )}
      </div>
    </SidePanel>
  )
}
