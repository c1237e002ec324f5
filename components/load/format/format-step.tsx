'use client'
import { CsvFields } from '@/components/about/csv/csv-fields'
import { FORMAT_LABELS } from '@/components/about/csv/format-labels'
import { InputProblem } from '@/components/about/csv/input-problem'
import { OtherReadings } from '@/components/about/csv/other-readings'
import { ReadingQuestions } from '@/components/about/csv/reading-questions'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { INPUT_FORMATS } from '@/lib/contract/shapes/input-formats'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import classes from './format-step.module.css'
import { FirstRows } from './first-rows'
import { failedPreviewAdvice } from '../mapping/failed-preview'
import { Step } from '../steps/step'
import step from '../steps/step.module.css'
import type { LoadDraft } from '../use-load-draft'

/** How the files are read, and directly below it the first rows as read, with those that do not fit. */
export function FormatStep({
  draft,
  questions,
  preview,
  isReading,
  awaited,
  isOpen,
  problem,
  failedColumn,
}: {
  draft: LoadDraft
  /** How values are to be read, as long as the user has not said it. */
  questions: readonly CsvQuestion[]
  preview: LoadPreview | undefined
  isReading: boolean
  /** The bytes for which the first rows wait; null if they do not. */
  awaited: string | null
  isOpen: boolean
  /** Why there are no first rows. */
  problem: Error | null
  /** The column whose expression is the reason; null if there is another one. */
  failedColumn: string | null
}) {
  const { format, csv } = draft.options
  return (
    <Step
      number={2}
      title="Format"
      note={preview ? describe(preview) : describeMissing({ isReading, awaited, problem, failedColumn })}
      isOpen={isOpen}
    >
      <div className={classes.options}>
        <LazySelect
          label="Format"
          data={INPUT_FORMATS.map((value) => ({ value, label: FORMAT_LABELS[value] }))}
          value={format}
          allowDeselect={false}
          onChange={(value) => value !== null && draft.change({ format: value })}
          w={190}
        />
        {csv && (
          <CsvFields
            csv={csv}
            unanswered={questions.map(({ kind }) => kind)}
            foundDelimiter={csv.delimiter === null ? (preview?.delimiter ?? null) : null}
            onChange={(change) => draft.changeCsv(change)}
          />
        )}
      </div>
      {problem && failedColumn === null && (
        <div className={step.problem}>
          <InputProblem
            error={problem}
            title="The first rows cannot be read"
            unchanged="Nothing was loaded."
            next={failedPreviewAdvice(problem, draft.options.mapping, null)}
            onEncoding={csv ? draft.changeCsv : null}
          />
        </div>
      )}
      {preview?.otherReadings && (
        <div className={classes.others}>
          <OtherReadings
            readings={preview.otherReadings}
            onCsv={draft.changeCsv}
            onFormat={(other) => draft.change({ format: other })}
          />
        </div>
      )}
      {questions.length > 0 && (
        <div className={classes.questions}>
          <ReadingQuestions
            questions={csv ? questions : questions.map(withoutOptions)}
            onAnswer={(change) => draft.changeCsv(change)}
          />
        </div>
      )}
      {preview ? (
        <FirstRows preview={preview} />
      ) : (
        isReading && (
          <SkeletonRows
            rows={5}
            columns={6}
            label={awaited === null ? 'Reading the first rows' : 'Waiting for the first rows'}
          />
        )
      )}
    </Step>
  )
}

/** Only CSV has options for other readings; those of another format need an expression. */
function withoutOptions(question: CsvQuestion): CsvQuestion {
  return { ...question, readings: question.readings.slice(0, 1) }
}

function describeMissing({
  isReading,
  awaited,
  problem,
  failedColumn,
}: {
  isReading: boolean
  awaited: string | null
  problem: Error | null
  failedColumn: string | null
}): string {
  if (failedColumn !== null) return `no first rows: the expression for ${failedColumn} in step 3 cannot be computed`
  if (problem) return 'no first rows, for the reason below'
  if (!isReading) return 'no first rows'
  return awaited ?? 'the first rows are being read'
}

function describe(preview: LoadPreview): string {
  const { isTruncated, rowsRead, rowsRejected, fields, unmappedFields } = preview
  const read = `${isTruncated ? 'the first ' : ''}${formatQuantity(rowsRead, 'row')}`
  if (rowsRead === 0 && isTruncated) return 'the first row is too long to be shown'
  const unmappedCount = unmappedFields.length
  // Rows of nulls would fit, too.
  if (fields.length > 0 && unmappedCount === fields.length)
    return `${read} read; no field has a column yet, so every column would be null`
  const fitting =
    rowsRejected === 0
      ? `${read} ${rowsRead === 1 ? 'fits' : 'fit'}`
      : `${formatCount(rowsRejected)} of ${read} ${rowsRejected === 1 ? 'does' : 'do'} not fit`
  return unmappedCount === 0 ? fitting : `${fitting}; ${formatQuantity(unmappedCount, 'field')} without a column`
}
