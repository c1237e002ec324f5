'use client'
import { Checkbox } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCircleDashed } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { ProposedNotice } from '@/components/changes/commit/proposed-notice'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import { CommitRequest } from '@/components/changes/action/commit-request'
import { newLoadKey, type StartedLoad, useStartLoad } from '@/lib/client/jobs/loads'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { ProposedUploads } from '@/lib/contract/shapes/proposed-table-action'
import { LOADED_BYTES_DAYS, MAX_SCHEDULE_NAME_CHARS } from '@/lib/contract/shapes/plain-values'
import { toProposalTitle } from '@/lib/contract/shapes/proposal-title'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { TableDetail } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { LoadConfirmations } from '@/lib/contract/loads/load-confirmations'
import { hasUsualNumbers } from '@/lib/ingest/number-format'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { actionSentence } from '@/lib/proposals/action-sentence'
import { sum } from '@/lib/sum'
import classes from './load-review.module.css'
import { CorrectedAlready, countUncorrected } from './run/corrections'
import { LoadFooter } from './load-footer'
import { keyNames } from './landing-step'
import { fileCountOf, type LocationFile, toInputs } from './locations/location-files'
import { LoadReviewFrame, type ReviewSheet } from './steps/load-review-frame'
import { describeLoad, listNames, type LoadState } from './load-state'
import { LoadedBefore } from './repeats/loaded-before'
import { useRepeats } from './repeats/use-repeats'
import { LoadFigures } from './sample/load-figures'
import type { SampledEstimate } from './sample/use-load-estimate'
import type { ReviewedDraft } from './use-load-draft'

const ICONS = { blocked: IconCircleDashed, warning: IconAlertTriangle, ready: IconCheck } as const

type LoadReviewProps = {
  table: TableIdentifier
  detail: TableDetail
  files: readonly PageUpload[]
  located: readonly LocationFile[]
  draft: ReviewedDraft
  /** How values are to be read, as long as the user has not said it. */
  questions: readonly CsvQuestion[]
  /** The load whose rejected rows the files have; null if they are new rows. */
  corrected: { runId: string; past: Pick<PastLoad, 'corrections' | 'recordsSaved'> } | null
  /** The file whose bytes are repeated, if the load that is continued has stopped for it. */
  repeatedFile: string | null
  preview: LoadPreview | undefined
  previewError: Error | null
  sampled: SampledEstimate
  /** False while the preview is of earlier choices. */
  isPreviewed: boolean
  /** Has the server know the uploads, and returns them as inputs. */
  openUploads: () => Promise<RequestedInput[]>
  /** Called when a load was started with the files, also after the page was left. */
  onStarted: (started: StartedLoad) => void
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
    questions,
    corrected,
    repeatedFile,
    preview,
    previewError,
    sampled,
    isPreviewed,
    openUploads,
    onStarted,
    onProposed,
    sheet,
  } = props
  const correctsRun = corrected?.runId ?? null
  const corrections = corrected?.past.corrections ?? []
  const emptied = preview?.emptiedColumns ?? []
  const addsAgain = corrections.length > 0 && draft.landing.operation === 'append'
  const [isRepeatConfirmed, setRepeatConfirmed] = useState(false)
  const { reason, isKnown, lookAgain } = useCommitBlocker(table)
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const lacksKey = draft.landing.operation === 'upsert' && keyNames(detail).length === 0
  const lacksFilter = draft.landing.where?.trim() === ''
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
    unshown,
    rejects: draft.rejects,
    questions,
    needsProposal: reason !== null,
    lacksKey,
    repeatedCount: repeats.openCount,
  })
  const isBlocked =
    state.severity === 'blocked' ||
    lacksFilter ||
    !isKnown ||
    !isPreviewed ||
    (previewError !== null && unshown === null) ||
    (addsAgain && !isRepeatConfirmed) ||
    repeats.isReading ||
    (emptied.length > 0 && !draft.allowsNullColumns)
  const requested = { files, located, draft, correctsRun, loadsAgain: repeats.isConfirmed && repeats.canConfirm }
  const { error, ...load } = useLoad(table, requested, {
    previewedVersion: preview?.inputVersion,
    openUploads,
    onStarted,
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
          {...{ table, reason, load, isBlocked }}
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
      {error && (
        <ProblemNote
          error={error}
          title="The load was not started"
          unchanged="The table was not changed."
          // The footer says what the policy asks for.
          {...(reason !== null && { next: null })}
        />
      )}
      {previewError && unshown === null ? (
        <ProblemNote error={previewError} title="The first rows cannot be read" unchanged="Nothing was loaded." />
      ) : (
        <StateNote state={state} />
      )}
      {corrected !== null && corrections.length > 0 && (
        <WarningNote isLive>
          <CorrectedAlready past={corrected.past} addsRows={addsAgain} />
          {addsAgain && (
            <Checkbox
              mt={6}
              label={
                countUncorrected(corrected.past) > 0
                  ? 'I removed these rows, or want to add them again'
                  : 'Add them a second time'
              }
              checked={isRepeatConfirmed}
              onChange={({ currentTarget }) => setRepeatConfirmed(currentTarget.checked)}
            />
          )}
        </WarningNote>
      )}
      {corrected === null && (
        <LoadedBefore repeats={repeats} names={[...files, ...located].map(({ fileName }) => fileName)} />
      )}
      {emptied.length > 0 && (
        <WarningNote isLive>
          The file has no field for {listNames(emptied)}, with values in the table. A renamed field can be given its
          column in step 3.
          <Checkbox
            mt={6}
            label="Load null into every row"
            checked={draft.allowsNullColumns}
            onChange={({ currentTarget }) => draft.change({ allowsNullColumns: currentTarget.checked })}
          />
        </WarningNote>
      )}
      {hasFiles && (
        <LoadFigures
          {...{ detail, sampled }}
          toLoad={describeFiles({ files, located })}
          operation={draft.landing.operation}
          limit={toRejectLimit({ rows: draft.rejects.maxRejectedRows, share: draft.rejects.maxRejectedShare })}
        />
      )}
      {hasFiles && (
        <ul className={classes.facts}>
          <li>All files become one snapshot of {draft.landing.branch ?? 'main'}, or nothing is changed.</li>
          {draft.landing.operation === 'append' && corrected === null && (
            <li>
              {requested.loadsAgain
                ? 'Bytes that were loaded before are loaded again.'
                : `Loaded once: the same bytes are refused for ${LOADED_BYTES_DAYS} days.`}
            </li>
          )}
          <li>
            {detail.shown.snapshotId === null
              ? 'This is the first snapshot of the table. To undo the load, drop the table.'
              : 'To undo the load, roll back to the snapshot before it in the history of the table.'}
          </li>
        </ul>
      )}
      {hasFiles && (
        <LoadRequest table={table} load={requested} needsProposal={reason !== null && located.length === 0} />
      )}
    </LoadReviewFrame>
  )
}

/** Why the first rows of a file are not shown, although a load reads every row, however many there are; null if it is not so. */
export function unshownReason(error: Error | null): string | null {
  return error instanceof AppError && error.code === 'too-large' ? error.message : null
}

type Requested = Pick<LoadReviewProps, 'files' | 'located' | 'draft'> & {
  /** The run whose rejected rows the files have; null if they are new rows. */
  correctsRun: string | null
  /** Whether bytes that were loaded before are loaded again, as the user has confirmed. */
  loadsAgain: boolean
}

/** Starts the run, which waits for the files that are on their way, and leads to it. */
function useLoad(
  table: TableIdentifier,
  requested: Requested,
  {
    previewedVersion,
    openUploads,
    onStarted,
  }: { previewedVersion: string | undefined } & Pick<LoadReviewProps, 'openUploads' | 'onStarted'>,
) {
  const { located, draft, correctsRun } = requested
  const { options, rejects, landing } = draft
  const router = useRouter()
  const openInputs = async () => [
    ...(await openUploads()),
    ...withVersion(toInputs({ files: [], located }), previewedVersion),
  ]
  const load = useStartLoad(table, { openInputs, onStarted })
  const [key, setKey] = useState(newLoadKey)
  const start = (confirmedName: string | null = null) =>
    load.mutate(
      {
        options,
        ...rejects,
        landing,
        ...toConfirmations(requested),
        ...(correctsRun !== null && { correctsRun }),
        ...(confirmedName !== null && { confirmedName }),
        idempotencyKey: key,
      },
      {
        onSuccess: ({ run }) => {
          router.push(paths.loadRun(run.id))
        },
        // A refused request may be sent again with other choices, under another key.
        onError: () => setKey(newLoadKey()),
      },
    )
  return { start, isPending: load.isPending, error: load.error }
}

function StateNote({ state: { severity, sentence, detail } }: { state: LoadState }) {
  const Icon = ICONS[severity]
  return (
    <div className={classes.state} data-severity={severity} role="status">
      <Icon size={16} stroke={1.6} aria-hidden />
      <p className="bare">
        <b>{sentence}</b> {detail}
      </p>
    </div>
  )
}

/** `2 files, 1.4 GiB` */
function describeFiles({ files, located }: Pick<LoadReviewProps, 'files' | 'located'>): string {
  const bytes = formatBytes(sum([...files, ...located].map(({ sizeBytes }) => sizeBytes ?? 0)))
  return `${formatQuantity(files.length + fileCountOf(located), 'file')}, ${bytes}`
}

/** The first file has to be the one that was previewed: one with a URL may have changed. */
function withVersion([first, ...others]: RequestedInput[], version: string | undefined): RequestedInput[] {
  if (first === undefined) return []
  return ['url' in first && version !== undefined ? { ...first, version } : first, ...others]
}

/** As requests say it: only what the user has confirmed. */
function toConfirmations({ draft, loadsAgain }: Pick<Requested, 'draft' | 'loadsAgain'>): LoadConfirmations {
  const { allowsNullColumns, allowsAmbiguousNumbers } = draft
  const { csv } = draft.options
  const hasUsual = csv === null || hasUsualNumbers(csv)
  return {
    ...(allowsNullColumns && { allowNullColumns: true }),
    ...(allowsAmbiguousNumbers && hasUsual && { allowAmbiguousNumbers: true }),
    ...(loadsAgain && { loadAgain: true }),
  }
}

/** The load, as it can be saved; a correction of rejected rows is loaded once. */
function toSaving({ files, located, draft, correctsRun }: Requested) {
  const { options, rejects, landing } = draft
  const inputs = located.flatMap(({ input }) => ('url' in input ? [] : [input]))
  if (inputs.length === 0 || correctsRun !== null) return null
  return {
    // A saved load has rules of its own for files that it has loaded.
    load: { inputs, options, landing, ...toConfirmations({ draft, loadsAgain: false }), ...rejects },
    suggestedName: `Load ${located[0]?.fileName ?? ''}`.slice(0, MAX_SCHEDULE_NAME_CHARS),
    whyNot:
      files.length > 0
        ? 'Uploads cannot be saved: they are removed once they are loaded.'
        : inputs.length < located.length
          ? 'Only files of locations can be saved, and this load has a URL.'
          : null,
  }
}

/** The load, as a proposal has it. */
function toProposedUploads(requested: Requested): ProposedUploads {
  const { files, draft, correctsRun } = requested
  const { options, rejects, landing } = draft
  const { format, csv, mapping } = options
  return {
    kind: 'load-uploads',
    uploads: files.flatMap(({ uploadId, fileName, sizeBytes }) =>
      uploadId === null ? [] : [{ uploadId, fileName, sizeBytes }],
    ),
    format,
    ...(csv && { csv }),
    mapping: { columns: { ...mapping.columns }, ignoredFields: [...mapping.ignoredFields] },
    ignoreExtra: false,
    ...toConfirmations(requested),
    ...toRejectLimit({ rows: rejects.maxRejectedRows, share: rejects.maxRejectedShare }),
    landing,
    ...(correctsRun !== null && { correctsRun }),
  }
}

/** The same request for programs. */
function LoadRequest({
  table,
  load,
  needsProposal,
}: {
  table: TableIdentifier
  load: Requested
  needsProposal: boolean
}) {
  const path = `/api/v1/catalogs/${encodeURIComponent(table.catalog)}/namespaces/${encodeURIComponent(joinNamespace(table.namespace))}/tables/${encodeURIComponent(table.table)}`
  if (needsProposal) {
    const action = toProposedUploads(load)
    const body = JSON.stringify({ title: toProposalTitle(actionSentence(action)), note: '', action }, null, 1)
    return <CommitRequest title="The request" path={`${path}/proposals`} body={body} />
  }
  const { draft, correctsRun } = load
  const { format, csv, mapping } = draft.options
  const body = JSON.stringify(
    {
      inputs: toInputs(load),
      format,
      ...(csv && { csv }),
      mapping,
      ...draft.rejects,
      landing: draft.landing,
      ...toConfirmations(load),
      ...(correctsRun !== null && { correctsRun }),
    },
    null,
    1,
  )
  return <CommitRequest title="The request" path={`${path}/loads`} body={body} />
}
