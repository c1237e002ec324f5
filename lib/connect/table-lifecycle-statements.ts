import type { TableIdentifier } from '@/lib/names/identifiers'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { trinoTableName } from '@/lib/sql/trino-table-name'

/** Statements that rename or drop a table in other programs. Trino is null when it has no statement or no name for it. */
export type LifecycleStatements = { spark: string; trino: string | null; pyiceberg: string }

/** Spark takes the new name without its catalog. */
export function renameStatements(from: TableIdentifier, to: TableIdentifier): LifecycleStatements {
  const [trinoFrom, trinoTo] = [trinoTableName(from), trinoTableName(to)]
  return {
    spark: `ALTER TABLE ${sparkName(from)} RENAME TO ${[...to.namespace, to.table].map(quoteWithBackticks).join('.')};`,
    trino: trinoFrom === null || trinoTo === null ? null : `ALTER TABLE ${trinoFrom} RENAME TO ${trinoTo};`,
    pyiceberg: `catalog.rename_table(${pythonTuple(from)}, ${pythonTuple(to)})`,
  }
}

/** Without the files. Trino's own `DROP TABLE` removes them. */
export function dropStatements(table: TableIdentifier): LifecycleStatements {
  const { catalog, namespace, table: name } = table
  const [schema, trino] = [namespace.join('.'), trinoTableName(table)]
  const procedure = `${quoteIdentifier(catalog.toLowerCase())}.system.unregister_table`
  return {
    spark: `DROP TABLE ${sparkName(table)};`,
    trino: trino === null ? null : `CALL ${procedure}(${quoteString(schema)}, ${quoteString(name)});`,
    pyiceberg: `catalog.drop_table(${pythonTuple(table)})`,
  }
}

/** With the files. */
export function purgeStatements(table: TableIdentifier): LifecycleStatements {
  const trino = trinoTableName(table)
  return {
    spark: `DROP TABLE ${sparkName(table)} PURGE;`,
    trino: trino === null ? null : `DROP TABLE ${trino};`,
    pyiceberg: `catalog.purge_table(${pythonTuple(table)})`,
  }
}

function sparkName({ catalog, namespace, table }: TableIdentifier): string {
  return [catalog, ...namespace, table].map(quoteWithBackticks).join('.')
}

function pythonTuple({ namespace, table }: TableIdentifier): string {
  return `(${[...namespace, table].map(pythonString).join(', ')})`
}
