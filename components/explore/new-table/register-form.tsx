'use client'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { TreeTable } from '@/components/table/schema/tree-table'
import { treeRows } from '@/components/table/schema/tree-rows'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Panel } from '@/components/ui/panel'
import { useSettled } from '@/components/ui/use-settled'
import { ExactTime } from '@/components/ui/values/exact-time'
import { registrationReviewQuery } from '@/lib/client/lifecycle/new-tables'
import type { RegistrationReview } from '@/lib/contract/table/new-tables'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { NewTableParent } from './filling'
import { CreationNotes } from './creation-notes'
import classes from './new-table.module.css'
import { ReviewAside } from './review-aside'
import { useMake } from './use-make'

/** Adds a table whose metadata file exists, after a review of the file. */
export function RegisterForm({ catalog, namespace, children }: NewTableParent & { children: ReactNode }) {
  const [name, setName] = useState('')
  const [location, setLocation] = useState('')
  const requested = JSON.stringify([name.trim(), location.trim()])
  const settled = useSettled(requested)
  const isSettled = settled === requested
  const isComplete = name.trim() !== '' && location.trim() !== ''
  const table = { catalog, namespace, table: name.trim() }
  const make = useMake(table, requested, { onMade: () => {} })
  const review = useQuery({
    ...registrationReviewQuery(table, location.trim()),
    enabled: isComplete && isSettled && make.state === 'open',
  })
  const { found = null, problem = null, blockers = [] } = (isComplete && isSettled ? review.data : undefined) ?? {}
  const messageOf = (...parts: string[]) => blockers.find(({ part }) => parts.includes(part))?.message ?? null
  const label = table.table === '' ? 'a table' : `${namespaceLabel(namespace)}.${table.table}`
  const isUnreadable = review.isSuccess && isComplete && isSettled && found === null && problem === null
  const canSubmit = review.isSuccess && isSettled && problem === null && blockers.length === 0
  return (
    <div className={classes.frame}>
      <div className={classes.page}>
        {children}
        <div className={classes.body}>
          <Panel title="Table">
            <div className="stack gap-10">
              <TextInput
                label="Name"
                value={name}
                maxLength={255}
                error={messageOf('name', 'namespace')}
                autoComplete="off"
                spellCheck={false}
                onChange={({ currentTarget }) => setName(currentTarget.value)}
              />
              <TextInput
                label="Metadata file"
                placeholder="…/metadata/00003-….metadata.json"
                value={location}
                maxLength={4096}
                error={messageOf('location')}
                autoComplete="off"
                spellCheck={false}
                onChange={({ currentTarget }) => setLocation(currentTarget.value)}
              />
            </div>
          </Panel>
          {problem && <ProblemNote error={new AppError(problem.code, problem.detail)} subject="The metadata file" />}
          {isUnreadable && (
            <WarningNote isLive>
              This catalog gives access to files only for tables that it has, so Lakeshore cannot read the file before.
              The catalog reads it when it registers the table.
            </WarningNote>
          )}
          {isComplete && (review.isLoading || review.error) && (
            <Unloaded query={review} subject={label} skeleton={[6, 3, 'Reading the metadata file']} />
          )}
          {!isComplete && <EmptyState>Name the table and its metadata file to see what the file describes.</EmptyState>}
          {found && <FoundTable found={found} />}
        </div>
      </div>
      <ReviewAside
        lines={[
          { title: `Register ${label}`, detail: 'its files, uuid, snapshots and history stay as they are' },
          ...(found
            ? [
                {
                  title: `${formatCount(found.snapshotCount)} snapshots, uuid ${found.tableUuid}`,
                  detail: found.location,
                },
              ]
            : []),
        ]}
        subject={label}
        {...(isComplete && {
          warnings: review.data?.warnings,
          request: review.data?.request,
          scripts: review.data?.scripts,
        })}
        action="Register table"
        canSubmit={canSubmit && make.state === 'open'}
        isPending={make.isPending}
        onDiscard={
          name === '' && location === ''
            ? null
            : () => {
                setName('')
                setLocation('')
              }
        }
        onSubmit={() => make.submit({ kind: 'register', metadataLocation: location.trim() })}
        notes={<CreationNotes make={make} label={label} />}
      />
    </div>
  )
}

/** A summary of the metadata file. */
function FoundTable({ found }: { found: NonNullable<RegistrationReview['found']> }) {
  return (
    <>
      <Panel title="What the file describes">
        <dl className={classes.facts}>
          <dt>Location</dt>
          <dd>
            <code>{found.location}</code>
          </dd>
          <dt>UUID</dt>
          <dd>
            <code>{found.tableUuid}</code>
          </dd>
          <dt>Format version</dt>
          <dd>{found.formatVersion}</dd>
          <dt>Rows</dt>
          <dd>{found.rowCount === null ? 'its current snapshot does not say' : formatCount(found.rowCount)}</dd>
          <dt>Snapshots</dt>
          <dd>
            {formatCount(found.snapshotCount)}
            {found.currentSnapshotId !== null && (
              <>
                , current <code>{found.currentSnapshotId}</code>
              </>
            )}
          </dd>
          <dt>Last change</dt>
          <dd>
            <ExactTime atMs={found.lastUpdatedMs} />
          </dd>
          <dt>Partitions</dt>
          <dd>{found.partitioning === '' ? 'not partitioned' : found.partitioning}</dd>
          <dt>Sort order</dt>
          <dd>{found.sortOrder === '' ? 'not sorted' : found.sortOrder}</dd>
        </dl>
      </Panel>
      <Panel title="Columns" flush>
        <TreeTable lines={treeRows(found.schema).map((row) => ({ kind: 'column', row, isOpen: false }))} />
      </Panel>
    </>
  )
}
