'use client'
import { Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { dropReviewQuery, purgedFilesQuery, useDropTable } from '@/lib/client/lifecycle/tables'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { DropFigures, describeFileRemoval } from './drop-review'
import { toScripts } from './lifecycle-scripts'
import classes from './lifecycle-panel.module.css'

const LazyPurgedFiles = lazyComponent(async () => (await import('./purged-files')).PurgedFiles)

/** Drops or proposes to drop the table, with or without its files, after a review and the typed name. */
export function DropPanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const navigateAway = useNavigateAway()
  const [isPurge, setIsPurge] = useState(false)
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const drop = useDropTable(table, ({ isPurge: isGone }) => {
    const isGoneAtOnce = isGone && review.data?.purgeAfterMs === 0
    const canRestore = !isGoneAtOnce && review.data?.canRestore === true
    navigateAway(`${paths.namespace(table.catalog, table.namespace)}${canRestore ? '?action=dropped' : ''}`)
  })
  const review = useQuery({
    ...dropReviewQuery(table, { isPurge }),
    // Afterwards there is nothing left to review.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const data = review.error ? undefined : review.data
  // The review of the other choice is shown until this one has loaded.
  const isLooking = review.isPlaceholderData
  const hasPurgeProblem = isPurge && data !== undefined && data.purgeProblem !== null
  const listsFiles = isPurge && data !== undefined && data.metadataLocation !== null && !hasPurgeProblem
  const { isLoading: isListingFiles } = useQuery({
    ...purgedFilesQuery(table),
    enabled: listsFiles && !drop.isPending && !drop.isSuccess,
  })
  return (
    <SidePanel
      title="Drop table"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        proposal === null &&
        data.dropProblem === null && (
          <CommitFooter
            key={String(isPurge)}
            table={table}
            proposed={{ kind: 'drop', isPurge }}
            permission="table:maintain"
            action={isPurge ? 'Drop and remove files' : 'Drop'}
            fits={!hasPurgeProblem}
            // A proposal is of the uuid in its metadata.
            isProposable={data.problem === null}
            needsConfirmation
            isIncomplete={isLooking || isListingFiles}
            isPending={drop.isPending}
            error={drop.error}
            onClose={onClose}
            onCommit={() => drop.mutate({ isPurge, metadataLocation: data.metadataLocation, confirmedName: name })}
            onProposed={setProposal}
          />
        )
      }
    >
      <div className={classes.body}>
        {proposal && <ProposedNotice entry={table} proposal={proposal} isInPanel onDismiss={onClose} />}
        <Unloaded query={review} subject={name} skeleton={[6, 2, 'Reading what the table has']} />
        {data && data.dropProblem !== null && <WarningNote>{data.dropProblem}</WarningNote>}
        {data && (
          <DropChoice
            table={table}
            review={data}
            isPurge={isPurge}
            isLooking={isLooking}
            listsFiles={listsFiles}
            onPurgeChange={setIsPurge}
          />
        )}
      </div>
    </SidePanel>
  )
}

type DropChoiceProps = {
  table: TableIdentifier
  review: TableDropReview
  isPurge: boolean
  /** Whether the review of this choice is still on its way. */
  isLooking: boolean
  listsFiles: boolean
  onPurgeChange: (isPurge: boolean) => void
}

function DropChoice({ table, review, isPurge, isLooking, listsFiles, onPurgeChange }: DropChoiceProps) {
  const { purgeProblem } = review
  // A choice that turns out to be impossible keeps the focus.
  const isOff = purgeProblem !== null && !isPurge
  const { request, statements } = isPurge ? review.purge : review.drop
  const removal = describeFileRemoval(review, true)
  return (
    <>
      <DropFigures review={review} />
      <Radio.Group
        label="Its files"
        value={isPurge ? 'remove' : 'keep'}
        onChange={(value) => onPurgeChange(value === 'remove')}
      >
        <div className={classes.choices}>
          <Radio value="keep" {...describeFileRemoval(review, false)} />
          <Radio
            value="remove"
            label={removal.label}
            disabled={isOff}
            description={isOff ? purgeProblem : removal.description}
          />
        </div>
      </Radio.Group>
      {isPurge && isLooking && (
        <SkeletonRows rows={1} columns={1} label="Looking for tables that share a folder with this one" />
      )}
      {isPurge && purgeProblem !== null && <WarningNote isLive>{purgeProblem}</WarningNote>}
      {listsFiles && <LazyPurgedFiles table={table} />}
      {isPurge && review.purgeAfterMs > 0 && (
        <p className={classes.aside}>
          An engine that sends the request below removes the files at once. Lakeshore waits, as said above.
        </p>
      )}
      <CommitTabs request={request} scripts={toScripts(statements)} changeCount={1} />
    </>
  )
}
