'use client'
import { Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { isUnsent, useReview } from '@/components/changes/action/use-review'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { dropReviewQuery, purgedFilesQuery, useDropTable } from '@/lib/client/lifecycle/tables'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { describeFileRemoval, DropFigures, dropParts } from './drop-review'
import classes from './lifecycle-panel.module.css'

const LazyPurgedFiles = lazyComponent(async () => (await import('./purged-files')).PurgedFiles)

/** Drops or proposes to drop the table, with or without its files, after a review and the typed name. */
export function DropPanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const navigateAway = useNavigateAway()
  const [isPurge, setIsPurge] = useState(false)
  const drop = useDropTable(table, ({ isPurge: isPurged }) => {
    const isPurgedAtOnce = isPurged && query.data?.purgeAfterMs === 0
    const canRestore = !isPurgedAtOnce && query.data?.canRestore === true
    navigateAway(`${paths.namespace(table.catalog, table.namespace)}${canRestore ? '?action=dropped' : ''}`)
  })
  const { query, data } = useReview(dropReviewQuery(table, { isPurge }), drop)
  // The review of the other choice is shown until this one has loaded.
  const isLooking = query.isPlaceholderData
  const hasPurgeProblem = isPurge && data !== undefined && data.purgeProblem !== null
  const listsFiles = isPurge && data !== undefined && data.metadataLocation !== null && !hasPurgeProblem
  const { isLoading: isListingFiles } = useQuery({
    ...purgedFilesQuery(table),
    enabled: listsFiles && isUnsent(drop),
  })
  return (
    <ActionPanel
      title="Drop table"
      width={468}
      entry={table}
      query={query}
      {...dropParts(data, isPurge)}
      write={drop}
      action={
        data?.dropProblem === null
          ? {
              proposed: { kind: 'drop', isPurge },
              id: String(isPurge),
              label: isPurge ? 'Drop and remove files' : 'Drop',
              fits: !hasPurgeProblem,
              // A proposal is of the uuid in its metadata.
              isProposable: data.problem === null,
              needsConfirmation: true,
              isIncomplete: isLooking || isListingFiles,
              commit: (confirmedName = '') =>
                drop.mutate({ isPurge, metadataLocation: data.metadataLocation, confirmedName }),
            }
          : null
      }
      onClose={onClose}
    >
      {data && isUnsent(drop) && <LostNameNote entry={table} loss="drop" />}
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
    </ActionPanel>
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
  const removal = describeFileRemoval(review, true)
  return (
    <>
      <DropFigures review={review} />
      <Radio.Group
        label="Files"
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
    </>
  )
}
