import { useCallback, useMemo, useState } from 'react'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { HandedOverLoad } from '@/lib/client/jobs/handed-over-load'
import type { LoadOptions } from '@/lib/client/jobs/loads'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN, type LoadLanding } from '@/lib/ingest/load-landing'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { type CsvQuestion, READING_KINDS, type ReadingKind, kindsOf } from '@/lib/ingest/readings/csv-question'
import { guessFormat } from './files/file-formats'
import { guessColumns, withGuesses } from './mapping/similar-columns'

/** As the user enters them: a share alone allows any number of rows within it. */
export type AllowedRejects = { maxRejectedRows?: number; maxRejectedShare?: number }

export type DraftLanding = Omit<LoadLanding, 'branchMustExist'>

/** Choices of the user. Before they choose a format, the name of the first file decides. */
export type Choices = {
  format: InputFormat | null
  csv: CsvOptions
  mapping: LoadMapping
  rejects: AllowedRejects
  /** Without what the table has of its branch, which requests add. */
  landing: DraftLanding
  /** The kinds of values whose form the user has chosen. */
  answered: readonly ReadingKind[]
  /** Whether columns that have values in the table may be null in every row of the load. */
  allowsNullColumns: boolean
  /** Whether the user has said how numbers are written, so that the whole file need not show it. */
  allowsAmbiguousNumbers: boolean
}

const NO_CHOICES: Choices = {
  format: null,
  csv: CSV_DEFAULTS,
  mapping: BY_NAME,
  rejects: {},
  landing: APPEND_TO_MAIN,
  answered: [],
  allowsNullColumns: false,
  allowsAmbiguousNumbers: false,
}

/** The choices before the user makes any, or those by which a new table came out of its file. */
export function toNewChoices(handedOver: HandedOverLoad | null): Choices {
  if (handedOver === null) return NO_CHOICES
  const { reading, mapping } = handedOver
  if (reading === null) return { ...NO_CHOICES, mapping }
  const { csv, answered } = reading
  return { ...NO_CHOICES, csv, mapping, answered: READING_KINDS, allowsAmbiguousNumbers: answered.includes('numbers') }
}

/**
 * @param firstName of the files; null without files
 * @param columns of the table, the same array until they change
 */
export function useLoadDraft(
  { firstName, columns }: { firstName: string | null; columns: readonly string[] },
  initial: Choices,
) {
  const [choices, setChoices] = useState(initial)
  const [fields, setFields] = useState<readonly string[]>([])
  const guesses = useMemo(() => guessColumns({ fields, columns }, choices.mapping), [fields, columns, choices.mapping])
  const mapping = useMemo(() => withGuesses(choices.mapping, guesses), [choices.mapping, guesses])
  const format = choices.format ?? guessFormat(firstName)
  const csv = format === 'csv' ? choices.csv : null
  // The same object until something changes: the form waits until it is at rest.
  const options = useMemo((): LoadOptions => ({ format, csv, mapping }), [format, csv, mapping])
  // The same functions until the form goes away, so that a part of it is drawn only when it changes.
  const change = useCallback((changed: Partial<Choices>) => setChoices((before) => ({ ...before, ...changed })), [])
  const changeCsv = useCallback(
    (changed: Partial<CsvOptions>) =>
      setChoices((before) => ({
        ...before,
        csv: { ...before.csv, ...changed },
        answered: [...before.answered, ...kindsOf(changed)],
        allowsAmbiguousNumbers: before.allowsAmbiguousNumbers || kindsOf(changed).includes('numbers'),
      })),
    [],
  )
  return {
    options,
    /** As the user chose it: that of the options has the guesses, too. */
    chosenMapping: choices.mapping,
    guesses,
    /** Says which fields the first file has, from which columns are guessed. */
    setFields: (names: readonly string[]) => {
      if (names.length !== fields.length || names.some((name, i) => name !== fields[i])) setFields(names)
    },
    rejects: choices.rejects,
    landing: choices.landing,
    answered: choices.answered,
    allowsNullColumns: choices.allowsNullColumns,
    allowsAmbiguousNumbers: choices.allowsAmbiguousNumbers,
    change,
    changeCsv,
  }
}

export type LoadDraft = ReturnType<typeof useLoadDraft>

/** A draft as the review sees it: with the guesses among the options. */
export type ReviewedDraft = Omit<LoadDraft, 'chosenMapping' | 'guesses' | 'setFields'>

/**
 * The questions that the user has not answered, because the file can be read in more than one way.
 *
 * @param earlier the question of a load that is continued
 */
export function openQuestions(
  preview: Pick<LoadPreview, 'questions'> | undefined,
  { answered }: Pick<LoadDraft, 'answered'>,
  earlier: CsvQuestion | null,
): CsvQuestion[] {
  if (!preview) return []
  const questions = preview.questions.filter(({ kind }) => kind !== earlier?.kind)
  return [...(earlier === null ? [] : [earlier]), ...questions].filter(({ kind }) => !answered.includes(kind))
}
