import type { SortField } from '../partitioning/sort-order'
import { columnPath } from './column-edits'
import { isMissing, joinParts, type SparkTable, type SqlStatements } from './intent-statement'
import { alterInSpark, sparkTerm } from './spark-sql'
import type { TableDraft } from './table-draft'

/** The statements that sort new data in Spark. */
export function sortInSpark(draft: TableDraft, fields: readonly SortField[], table: SparkTable): SqlStatements {
  if (fields.length === 0) return [alterInSpark(table, 'WRITE UNORDERED')]
  const terms = fields.map(({ sourceId, transform, direction, nullOrder }) =>
    joinParts([sparkTerm(transform, columnPath(draft, sourceId))], (parts) =>
      [...parts, direction.toUpperCase(), nullOrder.replace('-', ' ').toUpperCase()].join(' '),
    ),
  )
  const order = joinParts(terms, (parts) => parts.join(', '))
  return isMissing(order) ? order : [alterInSpark(table, `WRITE LOCALLY ORDERED BY ${order}`)]
}
