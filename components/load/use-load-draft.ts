import { useMemo, useState } from 'react'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { LoadOptions } from '@/lib/client/jobs/loads'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN, type LoadLanding } from '@/lib/ingest/load-landing'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { type CsvQuestion, READING_KINDS, type ReadingKind, kindsOf } from '@/lib/ingest/readings/csv-question'

/** As the user enters them: a share alone allows any number of rows within it. */
export type AllowedRejects = { maxRejectedRows?: number; maxRejectedShare?: number }

/** Choices of the user. Before they choose a format, the name of the first file decides. */
export type Choices = {
  format: InputFormat | null
  csv: CsvOptions
  mapping: LoadMapping
  rejects: AllowedRejects
  landing: LoadLanding
  /** The kinds of values whose form the user has chosen. */
  answered: readonly ReadingKind[]
  /** Whether columns that have values in the table may be null in every row of the load. */
  allowsNullColumns: boolean
}

const NO_CHOICES: Choices = {
  format: null,
  csv: CSV_DEFAULTS,
  mapping: BY_NAME,
  rejects: {},
  landing: APPEND_TO_MAIN,
  answered: [],
  allowsNullColumns: false,
}

/** The choices before the user makes any; the options are those by which a new table was read from its file. */
export function toNewChoices(csv: CsvOptions | null): Choices {
  return csv === null ? NO_CHOICES : { ...NO_CHOICES, csv, answered: READING_KINDS }
}

/** @param firstName of the files; null without files */
export function useLoadDraft(firstName: string | null, initial: Choices) {
  const [choices, setChoices] = useState(initial)
  const format = choices.format ?? guessFormat(firstName)
  const csv = format === 'csv' ? choices.csv : null
  // The same object until something changes: the form waits until it is at rest.
  const options = useMemo(
    (): LoadOptions => ({ format, csv, mapping: choices.mapping }),
    [format, csv, choices.mapping],
  )
  return {
    options,
    rejects: choices.rejects,
    landing: choices.landing,
    answered: choices.answered,
    allowsNullColumns: choices.allowsNullColumns,
    change: (change: Partial<Choices>) => setChoices((before) => ({ ...before, ...change })),
    changeCsv: (change: Partial<CsvOptions>) =>
      setChoices((before) => ({
        ...before,
        csv: { ...before.csv, ...change },
        answered: [...before.answered, ...kindsOf(change)],
      })),
  }
}

export type LoadDraft = ReturnType<typeof useLoadDraft>

/** The questions that the user has not answered, because the file can be read in more than one way. */
export function openQuestions(
  preview: Pick<LoadPreview, 'questions'> | undefined,
  { answered }: Pick<LoadDraft, 'answered'>,
): CsvQuestion[] {
  return preview?.questions.filter(({ kind }) => !answered.includes(kind)) ?? []
}

const EXTENSIONS: readonly (readonly [RegExp, InputFormat])[] = [
  [/\.(ndjson|jsonl)(\.|$)/i, 'ndjson'],
  [/\.json(\.|$)/i, 'json'],
  [/\.(parquet|parq)$/i, 'parquet'],
  [/\.avro$/i, 'avro'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
]

/** Names that say nothing are mostly those of delimited texts. */
export function guessFormat(name: string | null): InputFormat {
  return EXTENSIONS.find(([extension]) => extension.test(name ?? ''))?.[1] ?? 'csv'
}
