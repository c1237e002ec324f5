import 'server-only'
import type { DuckDBType } from '@duckdb/node-api'
import type { ColumnCast } from '../cast/column-cast'
import type { FieldUse } from '../stage-request'
import type { ComputedColumns } from './expression-columns'
import type { LoadPlan } from './load-plan'

/** An input as a DuckDB relation, and how the table's columns are computed from it. */
export type LoadedInput = {
  /** SQL of a relation that has the columns that the casts' `raw` names, and `line`. */
  relation: string
  /** Its column with the number of each record; absent if no two records share a line. */
  recordColumn?: string
  casts: readonly ColumnCast[]
  plan: LoadPlan
  fieldUse: FieldUse
  /** The expressions behind some of the casts; null without any. */
  computed: ComputedColumns['computed']
  /** The fields of a Parquet file that are read, in a relation with their `line`; null for other formats. */
  rows: { source: string; fields: readonly { name: string; column: string; type: DuckDBType }[] } | null
  /** The delimiter of a CSV file; null for other formats. */
  delimiter: string | null
  /** Known if the input was rewritten. */
  rowsRead: number | null
  /** The approximate size of a row, from the beginning of the input or from its footer. */
  bytesPerRow: number
  /** The approximate number of rows: from the footer, or from the size of the first ones. */
  approximateRows: number
  /**
   * False when DuckDB may have read the input differently from its format, so that it has to be read exactly; resolves
   * once the whole input was examined.
   */
  isExact: (rowsRead: number) => Promise<boolean>
  /**
   * The same input with a column that DuckDB cannot read because of one of its values; its index is that of the cast.
   * Null if Lakeshore cannot read it either; absent for formats that DuckDB reads as texts.
   */
  reread?: (columnIndex: number) => Promise<LoadedInput | null>
  /** Removes the files that were written to read the input; it cannot be read after that. */
  discard: () => Promise<void>
}

export type InputSize = Pick<LoadedInput, 'bytesPerRow' | 'approximateRows'>

/** `isExact` of an input that DuckDB reads as it is meant. */
export const ALWAYS_EXACT = (): Promise<boolean> => Promise.resolve(true)
