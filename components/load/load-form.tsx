'use client'
import { useMemo, useRef } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { handedOverLoad } from '@/lib/client/jobs/handed-over-load'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { FilesStep } from './files/files-step'
import { findPreviewed } from './files/previewed-file'
import { useLoadPreview } from './files/use-load-preview'
import { awaitedBytes, NO_ROW_YET } from './format/awaited-bytes'
import { FromLocation } from './locations/from-location'
import { FromUrl } from './locations/from-url'
import { keyNames } from './landing/key-names'
import { findLandingProblem } from './landing/landing-problem'
import { useLoadBranch } from './landing/use-load-branch'
import classes from './load.module.css'
import { toPastFiles } from './locations/location-files'
import { LoadReview } from './load-review'
import { findFailedExpression, lastKnownPreview, unshownReason, withProblem } from './mapping/failed-preview'
import { mappingLines } from './mapping/mapping-lines'
import { useLastPreview } from './mapping/use-last-preview'
import { MoreRows } from './more-rows'
import { LoadTarget } from './target/load-target'
import { useRepeatNotes } from './repeats/use-repeats'
import { SavedLoads } from './saved/saved-loads'
import { type Continued, findCorrected, isCorrection, toChoices } from './past-choices'
import { usePastUploads } from './past-uploads'
import { openSteps } from './steps/open-steps'
import { StepPage } from './steps/step-page'
import { StepsFoot } from './steps/steps-foot'
import { useStepPages } from './steps/use-step-pages'
import { openQuestions, toNewChoices, useLoadDraft } from './use-load-draft'
import { useLoadEstimate } from './sample/use-load-estimate'
import { useSettledOptions } from './use-settled-options'
import { useLocationFiles } from './locations/use-location-files'
import { useLoadUploads } from './use-load-uploads'

const NO_FIELDS: readonly string[] = []

const LazyLaterSteps = lazyComponent(async () => (await import('./steps/later-steps')).LaterSteps, {
  loading: () => <SkeletonRows rows={3} columns={3} label="Opening the steps" />,
})

/**
 * The load from top to bottom, in the order in which a mistake in one step spoils the next: files, format, columns, and
 * how the rows land. The review says in its first sentence what is left to decide. A narrow window shows a step at a
 * time, and then the review above it.
 */
export function LoadForm({
  table,
  detail,
  continued,
}: {
  table: TableIdentifier
  detail: TableDetail
  continued: Continued | null
}) {
  const uploads = useLoadUploads(table, continued?.runId ?? null)
  const { files } = uploads
  usePastUploads(continued, uploads)
  const located = useLocationFiles(continued === null || isCorrection(continued) ? [] : toPastFiles(continued.past))
  const hasFiles = files.length + located.files.length > 0
  const columns = useMemo(() => detail.schema.fields.map(({ name }) => name), [detail.schema])
  const draft = useLoadDraft(
    { firstName: files[0]?.fileName ?? located.files[0]?.firstName ?? null, columns },
    continued === null ? toNewChoices(handedOverLoad(table)) : toChoices(continued),
  )
  const settled = useSettledOptions(draft.options)
  const { uploadId, hasBeginning = true } = findPreviewed(files, settled.format) ?? {}
  const previewed = uploadId === undefined ? (located.files[0]?.input ?? null) : { uploadId }
  const { holdDuring } = uploads
  const preview = useLoadPreview(table, previewed, { hasBeginning, options: settled, holdDuring })
  const isTooEarly = preview.data?.hasBeginning === false && preview.data.rowsRead === 0 && preview.data.isTruncated
  const shown = previewed === null || isTooEarly ? undefined : preview.data
  // With the guesses, which depend on them, the file is read again.
  if (previewed === null || shown) draft.setFields(shown?.fields.map(({ name }) => name) ?? NO_FIELDS)
  const isPreviewed = settled === draft.options && !preview.isPlaceholderData
  const last = useLastPreview(previewed, settled, preview.isPlaceholderData ? undefined : shown)
  const previewError = previewed === null ? null : preview.error
  const failedColumn = findFailedExpression(previewError, settled.mapping, last)
  const known = previewError === null ? shown : lastKnownPreview(last, draft.options.mapping, detail)
  const mapped =
    known && previewError !== null && failedColumn !== null
      ? withProblem(known, failedColumn, previewError.message)
      : known
  const sampled = useLoadEstimate(table, {
    detail,
    files,
    located: located.files,
    input: previewed,
    options: settled,
    preview: isPreviewed ? shown : undefined,
  })
  const repeatNotes = useRepeatNotes(table, { files, located: located.files })
  const questions = openQuestions(shown, draft, continued?.past.question ?? null)
  const { mapping } = draft.options
  const { guesses } = draft
  const sample = sampled.estimate?.sample
  const lines = useMemo(
    () => (mapped ? mappingLines(mapped, mapping, { guesses, sample }) : []),
    [mapped, mapping, guesses, sample],
  )
  const awaited = isTooEarly ? NO_ROW_YET : previewed === null ? awaitedBytes(settled.format) : null
  const isReading = preview.error === null && (previewed !== null || files.some(({ state }) => state !== 'failed'))
  const branch = useLoadBranch(table, draft.landing.branch, detail.figures)
  const landingProblem = findLandingProblem(draft.landing, branch, keyNames(detail))
  const open = openSteps({
    files,
    hasFiles,
    preview: shown,
    isUnreadable: previewError !== null && failedColumn === null && unshownReason(previewError) === null,
    questions,
    lines,
    landingProblem,
  })
  const page = useRef<HTMLDivElement>(null)
  const pages = useStepPages(page, hasFiles)
  const isNarrow = pages.current !== null
  return (
    <div className={classes.frame}>
      <div ref={page} className={classes.page}>
        <LoadTarget
          table={table}
          note={`v${detail.formatVersion}, ${formatQuantity(columns.length, 'column')}`}
          onChange={uploads.carryTo}
        />
        <StepPage number={1} pages={pages}>
          <FilesStep uploads={uploads} located={located} notes={repeatNotes} isOpen={open[0] !== null}>
            <MoreRows table={table} uploads={uploads} continued={continued} />
            {(continued === null || !isCorrection(continued)) && (
              <>
                <FromLocation table={table} located={located} />
                <FromUrl table={table} located={located} />
              </>
            )}
          </FilesStep>
          {!hasFiles && <SavedLoads table={table} />}
        </StepPage>
        {hasFiles && (
          <LazyLaterSteps
            {...{
              table,
              draft,
              detail,
              branch,
              pages,
              mapped,
              previewError,
              failedColumn,
              questions,
              lines,
              sampled,
              isReading,
              awaited,
            }}
            preview={shown}
            haveFolders={files.length === 0}
            isOpen={[open[1] !== null, open[2] !== null, open[3] !== null]}
          />
        )}
      </div>
      <StepsFoot {...{ pages, open, hasFiles }} />
      <LoadReview
        {...{ table, detail, files, draft, questions, branch, landingProblem }}
        located={located.files}
        openUploads={uploads.open}
        onStarted={uploads.handToRun}
        onMissing={uploads.lookForLost}
        onProposed={uploads.handOver}
        corrected={findCorrected(continued)}
        repeatedFile={continued?.past.repeatedFile ?? null}
        preview={shown}
        awaited={awaited}
        previewError={previewError}
        failedColumn={failedColumn}
        sampled={sampled}
        isPreviewed={isPreviewed}
        sheet={isNarrow ? { isOpen: pages.isReviewing, onClose: () => pages.setReviewing(false) } : null}
      />
    </div>
  )
}
