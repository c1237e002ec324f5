import type { OtherColumn } from '@/components/table/schema/tree-table'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { formatQuantity } from '@/lib/format/count'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { CsvOptions } from '@/lib/ingest/csv-options'
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
}

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
  /** A decimal that holds every digit of the values; null where it is not known. */
  exactType?: PrimitiveType | null
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
      const doubt = typeof type === 'string' ? doubtOf(type, sampled) : sampled.doubt
      return doubt === null ? [] : [[fieldId, doubt] as const]
    }),
  )
}

function doubtOf(type: PrimitiveType, { type: sampledType, doubt, exactType = null }: SampledColumn): string | null {
  if (sampledType === type) return doubt
  const [chosen, exact] = [parsePrimitive(type), exactType === null ? null : parsePrimitive(exactType)]
  if (chosen.kind === 'decimal' && exact?.kind === 'decimal')
    return chosen.scale < exact.scale
      ? `values of the file have up to ${formatQuantity(exact.scale, 'decimal')}: ${exactType} holds them`
      : null
  return doubt ?? `the file has ${sampledType}`
}
