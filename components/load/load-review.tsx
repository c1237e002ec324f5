'use client'
import { useEffect, useState } from 'react'
import { InputProblem } from '@/components/about/csv/input-problem'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { ProposedNotice } from '@/components/changes/commit/proposed-notice'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import type { StartedLoad } from '@/lib/client/jobs/loads'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import { LoadFooter } from './load-footer'
import type { LandingProblem } from './landing/landing-problem'
import type { LoadBranch } from './landing/use-load-branch'
import { fileCountOf, type LocationFile } from './locations/location-files'
import { LoadReviewFrame, type ReviewSheet } from './steps/load-review-frame'
import { describeLoad } from './load-state'
import { computedColumns, failedPreviewAdvice, unshownReason } from './mapping/failed-preview'
import { LoadRequest } from './review/load-request'
import { toProposedUploads, toSaving } from './review/requested-load'
import { CorrectedBefore, EmptiedColumns, LoadFacts, OtherLoad } from './review/review-notes'
import { StateNote } from './review/state-note'
import { type OpenUploads, useLoad } from './review/use-load'
import { LoadedBefore } from './repeats/loaded-before'
import { useRepeats } from './repeats/use-repeats'
import { LoadFigures } from './sample/load-figures'
import type { SampledEstimate } from './sample/use-load-estimate'
import { listStanding } from './run/corrections'
import type { ReviewedDraft } from './use-load-draft'
import { EndedSession, isSessionEnd } from './waiting/ended-session'

type LoadReviewProps = {
  table: TableIdentifier
  detail: TableDetail
  files: readonly PageUpload[]
  located: readonly LocationFile[]
  draft: ReviewedDraft
  branch: LoadBranch
  landingProblem: LandingProblem | null
  /** How values are to be read, as long as the user has not said it. */
  questions: readonly CsvQuestion[]
  /** The load whose rejected rows the files have; null if they are new rows. */
  corrected: { runId: string; past: Pick<PastLoad, 'corrections' | 'recordsSaved'> } | null
  /** The file whose bytes are repeated, if the load that is continued has stopped for it. */
  repeatedFile: string | null
  preview: LoadPreview | undefined
  /** The bytes for which the first rows wait; null if they do not. */
  awaited: string | null
  previewError: Error | null
  /** The column whose expression is the reason; null if there is another one. */
  failedColumn: string | null
  sampled: SampledEstimate
  /** False while the preview is of earlier choices. */
  isPreviewed: boolean
  /** Has the server know the uploads, and returns them as inputs. */
  openUploads: OpenUploads
  /** Called when a load was started with the files, also after the page was left. */
  onStarted: (started: StartedLoad) => void
  /** Called when the server no longer has something that the load needs, perhaps one of the files. */
  onMissing: () => Promise<void>
  /** Called when a proposal has taken over the files. */
  onProposed: () => void
  /** In a narrow window, where the review is above the steps; null: it is next to them, or below. */
  sheet: ReviewSheet
}

/**
 * Says how the load would end, and shows the request that starts it, which may be before the last byte is here. Where the
 * load needs two people, it is proposed instead.
 */
export function LoadReview(props: LoadReviewProps) {
  const {
    table,
    detail,
    files,
    located,
    draft,
    branch,
    landingProblem,
    questions,
    corrected,
    repeatedFile,
    preview,
    awaited,
    previewError,
    failedColumn,
    sampled,
    isPreviewed,
    openUploads,
    onStarted,
    onMissing,
    onProposed,
    sheet,
  } = props
  const correctsRun = corrected?.runId ?? null
  const corrections = corrected === null ? [] : listStanding(corrected.past)
  const emptied = preview?.emptiedColumns ?? []
  const addsAgain = corrections.length > 0 && draft.landing.operation === 'append'
  const [isRepeatConfirmed, setRepeatConfirmed] = useState(false)
  const { reason, isKnown, lookAgain } = useCommitBlocker(table)
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const hasFiles = files.length + located.length > 0
  const unshown = unshownReason(previewError)
  const repeats = useRepeats(table, {
    files,
    located,
    mayStop: draft.landing.operation === 'append' && corrected === null,
    stoppedFor: repeatedFile,
  })
  const state = describeLoad({
    files,
    located,
    preview,
    estimate: sampled.estimate,
    awaited,
    unshown,
    rejects: draft.rejects,
    computedColumns: computedColumns(draft.options.mapping),
    mayBeEmpty: draft.landing.operation.startsWith('replace') || located.some(({ input }) => 'match' in input),
    questions,
    needsProposal: reason !== null,
    landingProblem,
    repeatedCount: repeats.openCount,
  })
  const isBlocked =
    state.severity === 'blocked' ||
    landingProblem !== null ||
    isBeingLookedUp(branch) ||
    !isKnown ||
    !isPreviewed ||
    (previewError !== null && unshown === null) ||
    (addsAgain && !isRepeatConfirmed) ||
    repeats.isReading ||
    (emptied.length > 0 && !draft.allowsNullColumns)
  const requested = {
    files,
    located,
    draft,
    landing: branch.kind === 'existing' ? { ...draft.landing, branchMustExist: true as const } : draft.landing,
    correctsRun,
    loadsAgain: repeats.isConfirmed && repeats.canConfirm,
  }
  const { error, ...load } = useLoad(table, requested, {
    previewedVersion: preview?.inputVersion,
    openUploads,
    onStarted,
    onMissing,
  })
  // A refusal may be the first that the page hears of a policy.
  useEffect(() => {
    if (error) void lookAgain()
  }, [error, lookAgain])
  return (
    <LoadReviewFrame
      sheet={sheet}
      footer={
        <LoadFooter
          {...{ table, reason, isBlocked }}
          load={{
            ...load,
            openedCount: files.filter(({ uploadId }) => uploadId !== null).length,
            fileCount: files.length,
          }}
          areHere={hasFiles && files.every(({ state: upload }) => upload === 'complete')}
          proposed={toProposedUploads(requested)}
          saving={toSaving(requested)}
          onProposed={(made) => {
            setProposal(made)
            onProposed()
          }}
        />
      }
    >
      {proposal && <ProposedNotice entry={table} proposal={proposal} onDismiss={() => setProposal(null)} />}
      {isSessionEnd(error) && <EndedSession error={error} then="press Load again" />}
      {error && !isSessionEnd(error) && (
        <ProblemNote
          error={error}
          title="The load was not started"
          unchanged="The table was not changed."
          // The footer says what the policy asks for.
          {...(reason !== null && { next: null })}
        />
      )}
      {error && <OtherLoad error={error} />}
      {previewError && unshown === null ? (
        <InputProblem
          error={previewError}
          title={
            failedColumn === null
              ? 'The first rows cannot be read'
              : `The expression for ${failedColumn} cannot be computed`
          }
          unchanged="Nothing was loaded."
          next={failedPreviewAdvice(previewError, draft.options.mapping, failedColumn)}
          onEncoding={draft.options.csv ? draft.changeCsv : null}
        />
      ) : (
        <StateNote state={state} />
      )}
      {corrected !== null && corrections.length > 0 && (
        <CorrectedBefore
          past={corrected.past}
          addsAgain={addsAgain}
          isConfirmed={isRepeatConfirmed}
          onConfirm={setRepeatConfirmed}
        />
      )}
      {corrected === null && (
        <LoadedBefore repeats={repeats} names={[...files, ...located].map(({ fileName }) => fileName)} />
      )}
      {emptied.length > 0 && <EmptiedColumns names={emptied} draft={draft} />}
      {hasFiles && (
        <LoadFigures
          {...{ branch, sampled }}
          isExpected={sampled.isPossible && previewError === null}
          toLoad={describeFiles({ files, located })}
          operation={draft.landing.operation}
          limit={toRejectLimit({ rows: draft.rejects.maxRejectedRows, share: draft.rejects.maxRejectedShare })}
        />
      )}
      {hasFiles && (
        <LoadFacts
          landing={draft.landing}
          isNewBranch={branch.kind === 'new'}
          loadsAgain={corrected === null ? requested.loadsAgain : null}
          isFirst={detail.shown.snapshotId === null}
        />
      )}
      {hasFiles && (
        <LoadRequest
          table={table}
          load={requested}
          needsProposal={reason !== null && located.length === 0}
          idempotencyKey={load.key}
        />
      )}
    </LoadReviewFrame>
  )
}

/** `2 files, 1.4 GiB` */
function describeFiles({ files, located }: Pick<LoadReviewProps, 'files' | 'located'>): string {
  const bytes = formatBytes(sum([...files, ...located].map(({ sizeBytes }) => sizeBytes ?? 0)))
  return `${formatQuantity(files.length + fileCountOf(located), 'file')}, ${bytes}`
}

function isBeingLookedUp({ kind, error }: LoadBranch): boolean {
  return kind === null && error === null
}
