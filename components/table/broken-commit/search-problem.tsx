'use client'
import { useQuery } from '@tanstack/react-query'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { tableSchemasQuery } from '@/lib/client/table/table-schemas'
import { visibleText } from '@/lib/format/visible-text'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { explainMissingColumn, findMissingColumn } from '@/lib/query/missing-column'

/** Why a search ended without a result. A condition with a column's former name learns the current one. */
export function SearchProblem({ problem }: { problem: string }) {
  const { table, detail } = useShownTable()
  const missing = findMissingColumn(problem)
  const { data: schemas } = useQuery({
    ...tableSchemasQuery(table, detail.metadataLocation),
    enabled: missing !== null,
  })
  return (
    <WarningNote>
      {problem}
      {missing !== null && schemas && ` ${explain(missing.name, schemas)}`}
    </WarningNote>
  )
}

/**
 * Every snapshot is read with the current schema.
 *
 * @param schemas the current one first, then the newest first
 */
function explain(name: string, schemas: readonly (readonly NestedField[])[]): string {
  const [current = []] = schemas
  const explanation = explainMissingColumn(name, current, schemas)
  if (explanation === null) return `The table has never had a column “${visibleText(name)}”.`
  const { sentence, readName } = explanation
  return `${sentence} ${readName === null ? 'No condition can use it.' : 'Use this name for all snapshots.'}`
}
