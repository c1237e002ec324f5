import 'server-only'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { duckdbType, quoteLiteral } from '../duckdb/column-type'
import type { DuckdbSession } from '../duckdb/duckdb-session'
import { valueTextSql } from '../duckdb/value-text'

/** All chunks of one column of a file. */
export type ColumnChunks = {
  valueCount: number
  nullCount: number | null
  /** Whether every row group with a value states its exact lowest and highest one. */
  hasExactExtremes: boolean
}

export type FileFooter = {
  /** By the path of each column as DuckDB joins it. */
  chunks: ReadonlyMap<string, ColumnChunks>
  recordCount: number
}

/** Lowest and highest value as text (see `value-text`); null without values. */
export type Extremes = { lowest: string | null; highest: string | null }

/**
 * The footer of a file that we wrote. It is cached for {@link readFooterExtremes} until the footer of the next file is
 * read.
 */
export async function readFooter(session: DuckdbSession, file: string): Promise<FileFooter> {
  await session.run(`CREATE OR REPLACE TEMP TABLE footer AS SELECT * FROM parquet_metadata(${quoteLiteral(file)})`)
  const rows = await session.rows(
    `SELECT path_in_schema AS path, sum(num_values)::DOUBLE AS cells, CASE WHEN count(stats_null_count) = count(*) THEN sum(stats_null_count)::DOUBLE END AS nulls,
       coalesce(bool_and(stats_null_count = num_values OR (stats_min_value IS NOT NULL AND stats_max_value IS NOT NULL
         AND min_is_exact AND max_is_exact)), false) AS exact
     FROM footer GROUP BY ALL`,
  )
  const [counted] = await session.rows(
    `SELECT sum("rows")::DOUBLE AS "rows" FROM (SELECT any_value(row_group_num_rows) AS "rows" FROM footer GROUP BY row_group_id)`,
  )
  return {
    chunks: new Map(
      rows.map((row) => [
        String(row.path),
        {
          valueCount: Number(row.cells),
          nullCount: row.nulls === null ? null : Number(row.nulls),
          hasExactExtremes: row.exact === true,
        },
      ]),
    ),
    recordCount: Number(counted?.rows),
  }
}

/**
 * The lowest and highest values of columns with exact ones in the footer that was read last, in the order of `columns`.
 *
 * @param columns at least one
 */
export async function readFooterExtremes(
  session: DuckdbSession,
  columns: readonly { type: PrimitiveType; chunkPath: string }[],
): Promise<Extremes[]> {
  const select = columns.flatMap(({ type, chunkPath }, i) => {
    const filter = `FILTER (path_in_schema = ${quoteLiteral(chunkPath)})`
    // TRY_CAST because texts of other columns are evaluated here too, and are not values of this type.
    const extremeSql = (which: 'min' | 'max') =>
      `(${which}(TRY_CAST(stats_${which}_value AS ${duckdbType(type)})) ${filter})`
    return [
      `${valueTextSql(type, extremeSql('min'))} AS lowest_${i}`,
      `${valueTextSql(type, extremeSql('max'))} AS highest_${i}`,
    ]
  })
  const [row = {}] = await session.rows(`SELECT ${select.join(', ')} FROM footer`)
  return columns.map((_column, i) => toExtremes(row, i))
}

/** The i-th pair `lowest_i`, `highest_i` of a row. */
export function toExtremes(row: Readonly<Record<string, unknown>>, i: number): Extremes {
  const [lowest, highest] = [row[`lowest_${i}`], row[`highest_${i}`]]
  return {
    lowest: typeof lowest === 'string' ? lowest : null,
    highest: typeof highest === 'string' ? highest : null,
  }
}
