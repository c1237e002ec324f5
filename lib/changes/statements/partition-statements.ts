import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import type { PartitionField } from '../../iceberg/partitioning/partition-spec'
import { columnPath } from '../edits/column-edits'
import { columnLabel } from '../edits/column-target'
import { isMissing, type PythonSteps, type SparkTable, type SqlStatements } from './intent-statement'
import { pythonTransform } from './pyiceberg-code'
import { alterInSpark, sparkTerm } from './spark-sql'
import type { TableDraft } from '../edits/table-draft'

/** Statements about fields of the partition spec. */

type NewField = Pick<PartitionField, 'sourceId' | 'transform' | 'name'>

export function addFieldInSpark(
  draft: TableDraft,
  { sourceId, transform, name }: NewField,
  table: SparkTable,
): SqlStatements {
  const term = sparkTerm(transform, columnPath(draft, sourceId))
  if (isMissing(term)) return term
  return [alterInSpark(table, `ADD PARTITION FIELD ${term} AS ${quoteWithBackticks(name)}`)]
}

/** By its transform: a name could be that of a column. */
export function removeFieldInSpark(draft: TableDraft, field: NewField, table: SparkTable): SqlStatements {
  const term = sparkTerm(field.transform, columnPath(draft, field.sourceId))
  return isMissing(term) ? term : [alterInSpark(table, `DROP PARTITION FIELD ${term}`)]
}

/** Iceberg takes a field that is replaced by its own transform as renamed. */
export function renameFieldInSpark(
  draft: TableDraft,
  field: PartitionField,
  name: string,
  table: SparkTable,
): SqlStatements {
  const term = sparkTerm(field.transform, columnPath(draft, field.sourceId))
  if (isMissing(term)) return term
  return [alterInSpark(table, `REPLACE PARTITION FIELD ${term} WITH ${term} AS ${quoteWithBackticks(name)}`)]
}

export function addFieldInPyiceberg(draft: TableDraft, { sourceId, transform, name }: NewField): PythonSteps {
  const text = pythonTransform(transform)
  if (isMissing(text)) return text
  const column = pythonString(columnLabel(columnPath(draft, sourceId)))
  return [
    { update: 'spec', lines: [`spec.add_field(${column}, ${text}, ${pythonString(name)})`], imports: ['transforms'] },
  ]
}

export function removeFieldInPyiceberg({ name }: Pick<PartitionField, 'name'>): PythonSteps {
  return [{ update: 'spec', lines: [`spec.remove_field(${pythonString(name)})`] }]
}
