import 'server-only'
import { AppError } from '@/lib/errors'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { LoadedInput } from '../input/loaded-input'
import { valueProblem } from '../input/translate-error'

/**
 * Runs work that reads an input. If DuckDB fails because of a value, before the value could become a reject, the column is
 * read in another way, and the work begins again. If there is none, the error names the column, and the row if the others
 * can be read without it.
 *
 * @returns the input that could be read, too
 * @throws {AppError} invalid-request for such a value; otherwise what the work throws
 */
export async function withReadableInput<T>(
  session: DuckdbSession,
  input: LoadedInput,
  work: (input: LoadedInput) => Promise<T>,
): Promise<{ result: T; input: LoadedInput }> {
  try {
    return { result: await work(input), input }
  } catch (error) {
    const problem = valueProblem(error)
    if (problem === null) throw error
    const column = await findColumn(session, input)
    if (column === null) throw error
    const readable = (await input.reread?.(column.index)) ?? null
    if (readable !== null) return await withReadableInput(session, readable, work)
    const row = await findRow(session, input, column.raw)
    const detail = `Column ${column.name} cannot be read${row === null ? '' : ` in row ${row}`}: ${problem}. Nothing was loaded.`
    throw new AppError('invalid-request', detail, { cause: error, facts: { column: column.name, row } })
  }
}

async function findColumn(
  session: DuckdbSession,
  input: LoadedInput,
): Promise<{ index: number; name: string; raw: string } | null> {
  for (const [index, { field, raw }] of input.casts.entries()) {
    if (await hasFailure(session, input, raw)) return { index, name: field.name, raw }
  }
  return null
}

/** Bisects the rows. Null if DuckDB reads other rows together with the one that fails, as it does in some encodings. */
async function findRow(session: DuckdbSession, input: LoadedInput, raw: string): Promise<number | null> {
  const [bounds] = await session.rows(`SELECT max(line)::DOUBLE AS line FROM ${input.relation}`)
  const last = Number(bounds?.line)
  let [from, to] = [1, last]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (await hasFailure(session, input, raw, `line BETWEEN ${from} AND ${middle}`)) to = middle
    else from = middle + 1
  }
  const other = from > 1 ? from - 1 : last
  return other === from || !(await hasFailure(session, input, raw, `line = ${other}`)) ? from : null
}

async function hasFailure(
  session: DuckdbSession,
  { relation }: LoadedInput,
  raw: string,
  condition = 'true',
): Promise<boolean> {
  try {
    await session.rows(`SELECT count(hash(r)) FROM (SELECT ${raw} AS r FROM ${relation} WHERE ${condition})`)
    return false
  } catch (error) {
    if (valueProblem(error) === null) throw error
    return true
  }
}
