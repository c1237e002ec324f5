import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import type { LifecycleStatements } from './table-lifecycle-statements'
import { trinoTableName } from '@/lib/sql/trino-table-name'

/** Statements that rename or drop a view in other programs. Spark takes the new name without its catalog. */
export function viewRenameStatements(from: ViewIdentifier, to: ViewIdentifier): LifecycleStatements {
  const [trinoFrom, trinoTo] = [trinoTableName(asTableIdentifier(from)), trinoTableName(asTableIdentifier(to))]
  return {
    spark: `ALTER VIEW ${sparkViewName(from)} RENAME TO ${[...to.namespace, to.view].map(quoteWithBackticks).join('.')};`,
    trino: trinoFrom === null || trinoTo === null ? null : `ALTER VIEW ${trinoFrom} RENAME TO ${trinoTo};`,
    pyiceberg: '# PyIceberg does not rename views.',
  }
}

export function viewDropStatements(view: ViewIdentifier): LifecycleStatements {
  const trino = trinoTableName(asTableIdentifier(view))
  return {
    spark: `DROP VIEW ${sparkViewName(view)};`,
    trino: trino === null ? null : `DROP VIEW ${trino};`,
    pyiceberg: `catalog.drop_view((${[...view.namespace, view.view].map(pythonString).join(', ')}))`,
  }
}

export function sparkViewName({ catalog, namespace, view }: ViewIdentifier): string {
  return [catalog, ...namespace, view].map(quoteWithBackticks).join('.')
}
