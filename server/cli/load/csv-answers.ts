import 'server-only'
import { AppError } from '@/lib/errors'
import { joinSentences } from '@/lib/format/sentence'
import { questionSentence } from '@/lib/ingest/readings/question-text'
import {
  type CsvQuestion,
  READING_KINDS,
  type ReadingKind,
  type ReadingOptions,
} from '@/lib/ingest/readings/csv-question'
import type { CsvFlag, CsvValues } from './csv-arguments'

const FLAGS_OF_KIND: Readonly<Record<ReadingKind, readonly CsvFlag[]>> = {
  numbers: ['decimal-separator', 'group-separator'],
  dates: ['date-format'],
  times: ['timestamp-format'],
}

/** The kinds of values whose form the flags say. */
export function answeredKinds(
  values: CsvValues & { 'allow-ambiguous-numbers'?: boolean | undefined },
): ReadonlySet<ReadingKind> {
  const kinds = READING_KINDS.filter((kind) => FLAGS_OF_KIND[kind].some((flag) => values[flag] !== undefined))
  return new Set([...kinds, ...(values['allow-ambiguous-numbers'] ? (['numbers'] as const) : [])])
}

/** The question, with the flags of each answer. */
export function questionText(question: CsvQuestion): string {
  const answers = question.readings.map(({ options, value }) => `${flagsOf(options)} for ${value ?? 'a text'}`)
  return `${questionSentence(question)} Say which: ${answers.join(', or ')}.`
}

/** ISO 8601 needs no flag, so its own format says that it is meant. */
function flagsOf({ decimalSeparator, groupSeparator, dateFormat, timestampFormat }: ReadingOptions): string {
  if (decimalSeparator !== undefined)
    return groupSeparator == null
      ? `--decimal-separator ${decimalSeparator}`
      : `--decimal-separator ${decimalSeparator} --group-separator ${shellText(groupSeparator)}`
  return dateFormat === undefined
    ? `--timestamp-format ${shellText(timestampFormat ?? '%Y-%m-%d %H:%M:%S')}`
    : `--date-format ${shellText(dateFormat ?? '%Y-%m-%d')}`
}

/** As a shell takes it for one argument. */
function shellText(text: string): string {
  if (/^[a-zA-Z0-9%.,:/_-]+$/.test(text)) return text
  return text.includes("'") ? `"${text}"` : `'${text}'`
}

/** @throws {AppError} invalid-request with the flags that answer each question, unless the user has given them */
export function requireAnswers(
  questions: readonly CsvQuestion[],
  answered: ReadonlySet<ReadingKind>,
  fileName: string,
): void {
  const open = questions.filter(({ kind }) => !answered.has(kind))
  if (open.length === 0) return
  throw new AppError(
    'invalid-request',
    joinSentences(`${fileName} can be read in more than one way`, ...open.map(questionText), 'Nothing was loaded'),
    { facts: { file: fileName } },
  )
}
