import type { OtherColumn } from '@/components/table/schema/tree-table'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { ChosenColumn, ColumnMisfits } from '@/lib/ingest/sample/column-misfits'
import type { TextRow } from '@/lib/ingest/sample/sampled-values'
import type { UnreadableRows } from '@/lib/ingest/sample/unreadable-rows'
import classes from './new-table.module.css'

/** The content of a file, by the ids that its columns have in the draft. */
export type Sample = {
  /** The file, and how much of it was read. */
  source: string
  columns: ReadonlyMap<number, SampledColumn>
  /** Rows that a load rejects as a whole, so that the columns are not of them; null without any. */
  unreadable: UnreadableRows | null
  /** Rows by which a partition spec can be simulated; null for a file whose rows were not read. */
  rows: SampledRows | null
  /** Null for a file whose values were not read. */
  countMisfits: CountMisfits | null
  /** The names that lead to the columns in the file, by the ids that these have in the draft, under whatever name. */
  paths: ReadonlyMap<number, readonly string[]>
}

/** Reads the sample again, and returns for each of these columns, in their order, which values do not fit its type. */
export type CountMisfits = (columns: readonly ChosenColumn[]) => Promise<readonly ColumnMisfits[]>

export type SampledRows = {
  fileName: string
  fileBytes: number
  from: 'whole' | 'beginning' | 'spread'
  /** The bytes that the rows have in the file; null for a compressed one. */
  sampledBytes: number | null
  /** How values are written; null for JSON. */
  csv: CsvOptions | null
  /** The fields of the columns, by the ids that these have in the draft, under whatever name. */
  paths: ReadonlyMap<number, readonly string[]>
  read: () => Promise<readonly TextRow[]>
}

export type SampledColumn = {
  text: string
  /** The type that the file has, as the draft began. */
  type: string
  /** Why the type is a guess; null if it is not. */
  doubt: string | null
  /** Doubts that do not depend on the type. */
  remarks?: readonly string[]
  /** Whether there are digits that a number would shorten. */
  hasLeadingZeros?: boolean
  /** A decimal that holds every digit of the values; null where it is not known. */
  exactType?: PrimitiveType | null
}

/** The file's values of each column, next to its declared type. */
export function sampleColumn({ columns }: Sample): OtherColumn {
  return {
    header: 'In the sample',
    width: 96,
    cell: ({ fieldId }) => {
      const sampled = columns.get(fieldId)
      if (!sampled) return <span className={classes.quiet}>not in the file</span>
      return (
        <span className={classes.sampled} title={sampled.text}>
          {sampled.text}
        </span>
      )
    },
  }
}
