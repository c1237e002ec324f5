import type { SortField } from '../../iceberg/partitioning/sort-order'
import { columnPath } from '../edits/column-edits'
import { isMissing, joinParts, type Missing, type SparkTable, type SqlStatements } from './intent-statement'
import { removeInSpark, setInSpark } from './property-statements'
import { alterInSpark, sparkTerm } from './spark-sql'
import type { TableDraft } from '../edits/table-draft'

const DISTRIBUTION_PROPERTY = 'write.distribution-mode'

/** The statements that sort new data in Spark. */
export function sortInSpark(draft: TableDraft, fields: readonly SortField[], table: SparkTable): SqlStatements {
  if (fields.length === 0) return unorderInSpark(draft, table)
  const order = sparkOrder((sourceId) => columnPath(draft, sourceId), fields)
  return isMissing(order) ? order : [alterInSpark(table, `WRITE LOCALLY ORDERED BY ${order}`)]
}

/** The terms of a sort order in Spark. */
export function sparkOrder(
  pathOf: (sourceId: number) => readonly string[],
  fields: readonly SortField[],
): string | Missing {
  const terms = fields.map(({ sourceId, transform, direction, nullOrder }) =>
    joinParts([sparkTerm(transform, pathOf(sourceId))], (parts) =>
      [...parts, direction.toUpperCase(), nullOrder.replace('-', ' ').toUpperCase()].join(' '),
    ),
  )
  return joinParts(terms, (parts) => parts.join(', '))
}

/** Spark stops distributing new data by the way, so the property is set back. */
function unorderInSpark({ properties }: TableDraft, table: SparkTable): SqlStatements {
  const mode = properties.get(DISTRIBUTION_PROPERTY)
  const restored =
    mode === undefined
      ? removeInSpark([DISTRIBUTION_PROPERTY], table)
      : setInSpark([[DISTRIBUTION_PROPERTY, mode]], table)
  return isMissing(restored) ? restored : [alterInSpark(table, 'WRITE UNORDERED'), ...restored]
}
