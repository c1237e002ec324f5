import { ProblemNote } from '@/components/ui/notes/problem-note'
import { AppError } from '@/lib/errors'
import { type CsvOptions, TEXT_ENCODINGS } from '@/lib/ingest/csv-options'
import { largeInputAdvice } from './input-advice'

/** The usual advice for damaged files is a rollback, but no table has this one. */
const DAMAGED_ADVICE = 'Correct the file, choose how it is written, or choose another one.'

/** Why a file of the user cannot be read, with a button that chooses the encoding that its bytes show. */
export function InputProblem({
  error,
  title,
  unchanged,
  next,
  onEncoding,
}: {
  error: Error
  title: string
  unchanged?: string
  /** Advice; by default that for the kind of failure. */
  next?: string | undefined
  /** Null if the format has no encodings. */
  onEncoding: ((change: Pick<CsvOptions, 'encoding'>) => void) | null
}) {
  const encoding = onEncoding === null ? undefined : encodingOf(error)
  const advice = next ?? largeInputAdvice(error) ?? (isDamaged(error) ? DAMAGED_ADVICE : undefined)
  return (
    <ProblemNote
      error={error}
      title={title}
      {...(unchanged !== undefined && { unchanged })}
      {...(advice !== undefined && { next: advice })}
      {...(encoding && {
        next: null,
        remedy: { label: `Read as ${encoding}`, onChoose: () => onEncoding?.({ encoding }) },
      })}
    />
  )
}

function encodingOf(error: Error): CsvOptions['encoding'] | undefined {
  return error instanceof AppError ? TEXT_ENCODINGS.find((one) => one === error.facts['encoding']) : undefined
}

function isDamaged(error: Error): boolean {
  return error instanceof AppError && (error.code === 'file-damaged' || error.code === 'file-missing')
}
