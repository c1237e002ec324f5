'use client'
import { Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { Facts } from '@/components/ui/values/facts'
import { PathText } from '@/components/ui/values/path-text'
import { RowCount } from '@/components/ui/values/row-count'
import { formatDuration } from '@/lib/format/duration'
import { retryFetch } from '@/lib/client/call/retry'
import { dropReviewQuery, useDropTable } from '@/lib/client/lifecycle/tables'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { toScripts } from './lifecycle-scripts'
import classes from './lifecycle-panel.module.css'

const NOT_IN_SUMMARY = 'not in the summary of the current snapshot'

/** Drops the table, with or without its files, after it showed what goes, and the name was typed. */
export function DropPanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const leadAway = useLeadAway()
  const [isPurge, setIsPurge] = useState(false)
  const drop = useDropTable(table, ({ isPurge: isGone }) => {
    const isGoneAtOnce = isGone && review.data?.purgeAfterMs === 0
    const canRestore = !isGoneAtOnce && review.data?.canRestore === true
    leadAway(`${paths.namespace(table.catalog, table.namespace)}${canRestore ? '?action=dropped' : ''}`)
  })
  const review = useQuery({
    ...dropReviewQuery(table),
    // Afterwards there is nothing left to review.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  return (
    <SidePanel
      title="Drop table"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        review.data &&
        !review.error &&
        review.data.dropProblem === null && (
          <DangerConfirm
            key={String(isPurge)}
            name={name}
            action={isPurge ? 'Drop and remove files' : 'Drop'}
            isPending={drop.isPending}
            onCancel={onClose}
            onConfirm={() =>
              drop.mutate({ isPurge, metadataLocation: review.data.metadataLocation, confirmedName: name })
            }
          />
        )
      }
    >
      <div className={classes.body}>
        {drop.error && <ProblemNote error={drop.error} subject={name} unchanged="The table was not dropped." />}
        {review.isPending && <SkeletonRows rows={6} columns={2} label="Reading what the table has" />}
        {review.error && <ProblemNote error={review.error} subject={name} onRetry={() => retryFetch(review.refetch)} />}
        {review.data && !review.error && review.data.dropProblem !== null && (
          <WarningNote>{review.data.dropProblem}</WarningNote>
        )}
        {review.data && !review.error && (
          <DropReview review={review.data} isPurge={isPurge} onPurgeChange={setIsPurge} />
        )}
      </div>
    </SidePanel>
  )
}

type DropReviewProps = { review: TableDropReview; isPurge: boolean; onPurgeChange: (isPurge: boolean) => void }

function DropReview({ review, isPurge, onPurgeChange }: DropReviewProps) {
  const { problem, purgeProblem, purgeAfterMs, canRestore } = review
  const { request, statements } = isPurge ? review.purge : review.drop
  return (
    <>
      {problem !== null && (
        <WarningNote>
          The metadata of the table cannot be read, so what it has is not known. {problem.detail}
        </WarningNote>
      )}
      {problem === null && <DropFigures review={review} />}
      <Radio.Group
        label="Its files"
        value={isPurge ? 'remove' : 'keep'}
        onChange={(value) => onPurgeChange(value === 'remove')}
      >
        <div className={classes.choices}>
          <Radio
            value="keep"
            label="Stay where they are"
            description={
              canRestore
                ? 'The table can be restored from the page of its namespace, as it is now.'
                : 'The table can be registered again from its metadata file, by anyone who knows it.'
            }
          />
          <Radio
            value="remove"
            label={purgeAfterMs === 0 ? 'Are removed, for good' : `Are removed after ${formatDuration(purgeAfterMs)}`}
            disabled={purgeProblem !== null}
            description={
              purgeProblem ??
              `Data, delete, manifest and metadata files of every snapshot. ${purgeAfterMs === 0 ? 'The table cannot be restored.' : 'Until then the table can be restored, and they stay.'}`
            }
          />
        </div>
      </Radio.Group>
      <CommitTabs request={request} scripts={toScripts(statements)} changeCount={1} />
    </>
  )
}

function DropFigures({ review }: { review: TableDropReview }) {
  const { snapshotCount, refNames, rowCount, dataFileCount, deleteFileCount, liveBytes, location } = review
  return (
    <Facts
      isInSidePanel
      facts={[
        ['Rows', <RowCount key="rows" rowCount={rowCount} deleteFileCount={deleteFileCount} reason={NOT_IN_SUMMARY} />],
        ['Data files', <Count key="files" value={dataFileCount} reason={NOT_IN_SUMMARY} />],
        ['Live bytes', <Bytes key="bytes" value={liveBytes} reason={NOT_IN_SUMMARY} />],
        ['Snapshots', <Count key="snapshots" value={snapshotCount} />],
        ['Branches and tags', <Count key="refs" value={refNames.length} />],
        ['Location', <PathText key="location">{location ?? 'unknown'}</PathText>],
      ]}
    />
  )
}
