import type { ColumnDeclaration } from '../../changes/declaration/table-declaration'
import type { InferredType, TypeSample } from '../infer-type'
import type { CsvQuestion } from '../readings/csv-question'
import type { IsAsked } from '../readings/csv-questions'
import type { UnreadableRows } from './unreadable-rows'

/** The columns of a text file, as inferred from its first rows. */
export type FileSample = {
  columns: readonly (ColumnDeclaration & { sampled: TypeSample; inferred: InferredType })[]
  /** Rows that a load can read. */
  rowCount: number
  /** How many more of them from all over the file were read. */
  furtherCount: number
  /** The rows that a load rejects as a whole, in either part; null without any. Columns are of the others. */
  unreadable: UnreadableRows | null
  /** Whether there are more rows than were read. */
  isTruncated: boolean
  /** How values of a CSV file are to be read; the options may have the answers. JSON leaves nothing open. */
  findQuestions: (isAsked?: IsAsked) => readonly CsvQuestion[]
}

export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024
export const MAX_SAMPLED_ROWS = 10_000

/** @param line null for a row from further on */
export type AddRow<Row> = (row: Row, line: number | null) => void

export function toSampledColumn(name: string, sampled: TypeSample): FileSample['columns'][number] {
  const inferred = sampled.finish()
  return { name, type: inferred.type, sampled, inferred }
}
