import 'server-only'
import { AppError } from '@/lib/errors'
import { joinSentences } from '@/lib/format/sentence'
import type { Type } from '@/lib/iceberg/schema/types'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { hasUsualNumbers } from '@/lib/ingest/number-format'
import { ReadingSample } from '@/lib/ingest/readings/csv-questions'
import { AMBIGUOUS_IN_QUOTES, OpenNumbers } from '@/lib/ingest/readings/open-numbers'
import { questionSentence } from '@/lib/ingest/readings/question-text'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { hasRecords } from '../input/input-records'
import { type LoadPlan, planLoad } from '../input/load-plan'
import { MappingProblems } from '../input/mapping-problems'
import type { InputRequest } from '../stage-request'
import { listNumbers, numbersIn } from './number-columns'
import { numberFacts } from './number-facts'
import { NO_TEXTS, type InputTexts, openInputTexts } from './input-texts'

/** Rows after which most files have shown how they write their numbers. */
const FIRST_ROWS = 1_000

/**
 * Stops a load that would read `7.500` as 7.5 where the file may mean 7500: each number of the field could have points
 * between thousands, and a value of the file has a comma before decimals, be it of another field, or one of the same
 * field, whose row would be rejected. A file without such a value is read as a load without options reads it; of its
 * first rows, pages and the command line ask anyway.
 *
 * Nothing is read twice once each field of fractions has a number that can be read in one way only, which is mostly within
 * the first rows.
 *
 * @throws {AppError} invalid-request with the value, and with what answers the question
 */
export async function requireClearNumbers(session: DuckdbSession, request: InputRequest): Promise<void> {
  const question = await findNumberQuestion(session, request)
  if (question === null) return
  const answer =
    request.input.format === 'csv'
      ? 'Say how numbers are written, or confirm the points before decimals'
      : 'Convert the texts with an expression, or confirm the points before decimals'
  throw new AppError(
    'invalid-request',
    joinSentences(
      questionSentence(question),
      'Other values of the file have commas before decimals. Nothing was loaded',
      `${answer} (--allow-ambiguous-numbers, allowAmbiguousNumbers)`,
    ),
    { facts: { ...numberFacts(question), option: '--allow-ambiguous-numbers' } },
  )
}

async function findNumberQuestion(session: DuckdbSession, request: InputRequest): Promise<CsvQuestion | null> {
  const { format, csv } = request.input
  // Other options are the answer of the user.
  if (format === 'csv' && !hasUsualNumbers(csv)) return null
  if (!request.schema.fields.some(({ type }) => numbersIn(type) === 'fractions')) return null
  const plan = await planLoad(session, request, new MappingProblems())
  const fields = findNumberFields(plan)
  if (fields.length === 0) return null
  const texts = await openInputTexts(session, request, plan)
  const read = hasRecords(format) ? fields : fields.filter((name) => texts.names.includes(name))
  const ambiguous = await findAmbiguous(texts, read)
  if (ambiguous.length === 0) return null
  const sample = new ReadingSample(texts.names, ['numbers'])
  for await (const { line, values } of texts.read(texts.names))
    sample.add(
      values.map((value) => (value === NO_TEXTS ? null : value)),
      line,
    )
  const [question] = sample.findQuestions((_kind, column) => ambiguous.includes(column), {
    numbersOf: listNumbers(listFilled(plan)),
    onlyContradicted: true,
  })
  return question === undefined || question.readings[0]?.value === null ? null : question
}

/** Fields that fill columns of fractions: a whole number with a point is rejected, and so is seen. */
function findNumberFields(plan: LoadPlan): string[] {
  return listFilled(plan).flatMap(({ type, source }) => (numbersIn(type) === 'fractions' ? [source] : []))
}

function listFilled({ columns }: LoadPlan): { type: Type; source: string }[] {
  return columns.flatMap(({ field, source }) =>
    source.kind === 'field' ? [{ type: field.type, source: source.name }] : [],
  )
}

/** The fields whose numbers could all have points between thousands. */
async function findAmbiguous(texts: InputTexts, names: readonly string[]): Promise<readonly string[]> {
  const open = new OpenNumbers(names)
  if (open.isSettled) return []
  let rowCount = 0
  for await (const { values } of texts.read(names)) {
    for (const [i, value] of values.entries()) {
      if (value === NO_TEXTS) open.settle(names[i] ?? '')
      else if (value !== null) open.add(names[i] ?? '', value)
    }
    rowCount += 1
    if (open.isSettled) return []
    if (rowCount === FIRST_ROWS && !(await texts.mightMatch(AMBIGUOUS_IN_QUOTES))) return []
  }
  return open.ambiguous
}
