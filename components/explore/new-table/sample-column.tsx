import type { OtherColumn } from '@/components/table/schema/tree-table'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { TextRow } from '@/lib/ingest/sample/sampled-partitions'
import classes from './new-table.module.css'

/** The content of a file, by the ids that its columns have in the draft. */
export type Sample = {
  /** The file, and how much of it was read. */
  source: string
  columns: ReadonlyMap<number, SampledColumn>
  /** Rows by which a partition spec can be simulated; null for a file whose rows were not read. */
  rows: SampledRows | null
}

export type SampledRows = {
  fileName: string
  fileBytes: number
  from: 'whole' | 'beginning' | 'spread'
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
}

/** The file's values of each column, next to its declared type. */
export function sampleColumn({ columns }: Sample): OtherColumn {
  return {
    header: 'In the sample',
    width: 108,
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

/** Why the type of a column needs a look, by the id of the column: it is a guess, or not that of the file. */
export function sampleDoubts({ columns }: Sample, { schema }: NewTableDraft): ReadonlyMap<number, string> {
  const fields = indexFields(schema)
  return new Map(
    [...columns].flatMap(([fieldId, sampled]) => {
      const type = fields.get(fieldId)?.field.type
      const isChanged = typeof type === 'string' && sampled.type !== type
      const doubt = sampled.doubt ?? (isChanged ? `the file has ${sampled.type}` : null)
      return doubt === null ? [] : [[fieldId, doubt] as const]
    }),
  )
}
