import 'server-only'
import { BIGINT } from '@duckdb/node-api'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { absentColumn, type ColumnCast, nullColumn, textCast } from '../cast/column-cast'
import { typedColumn } from '../cast/typed-column'
import type { InputRequest } from '../stage-request'
import { loadedAtText, type PlannedSource } from './load-plan'
import type { MappingProblems } from './mapping-problems'

/** The cast of a column that no field fills; null for any other column. */
export function commonCast(
  field: NestedField,
  source: PlannedSource,
  { input }: InputRequest,
  problems: MappingProblems,
): ColumnCast | null {
  switch (source.kind) {
    case 'constant':
      return source.text === null ? nullColumn(field) : textCast(field, quoteLiteral(source.text))
    case 'fact':
      if (source.fact === 'file-name') return textCast(field, quoteLiteral(input.name))
      if (source.fact === 'line') return typedColumn(field, 'line', BIGINT, { ignoreExtra: false })
      return textCast(field, quoteLiteral(loadedAtText(field.type, input.loadedAtMs)))
    case 'absent':
      return isFailed(field, source, problems) ? nullColumn(field) : absentColumn(field)
    case 'failed':
    case 'expression':
      return nullColumn(field)
    case 'field':
    case 'rest':
      return null
  }
}

/** Whether the column has a problem that is reported already, so that its rows are not rejected for it, too. */
export function isFailed({ name }: NestedField, { kind }: PlannedSource, problems: MappingProblems): boolean {
  return (
    kind === 'failed' ||
    problems.missingColumns.includes(name) ||
    problems.columns.some(({ column }) => column === name)
  )
}
