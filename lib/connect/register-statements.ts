import type { TableIdentifier } from '@/lib/names/identifiers'
import type { StatementEngine } from '@/lib/changes/statements/intent-statement'
import { sparkString } from '@/lib/changes/statements/spark-sql'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { trinoTableName } from '@/lib/sql/trino-table-name'

/** Statements that register a metadata file in other programs. Trino takes a folder and a file; null if it has no name for it. */
export function registerStatements(
  identifier: TableIdentifier,
  metadataLocation: string,
  tableLocation: string | null,
): Record<Exclude<StatementEngine, 'trino'>, string> & { trino: string | null } {
  const { catalog, namespace, table } = identifier
  const name = [...namespace, table].map(quoteWithBackticks).join('.')
  const file = metadataLocation.slice(metadataLocation.lastIndexOf('/') + 1)
  const hasTrino = trinoTableName(identifier) !== null && tableLocation !== null
  const args = [namespace.join('.'), table, tableLocation ?? '', file].map(quoteString).join(', ')
  return {
    spark: `CALL ${quoteWithBackticks(catalog)}.system.register_table(table => ${sparkString(name)}, metadata_file => ${sparkString(metadataLocation)});`,
    trino: hasTrino ? `CALL ${quoteIdentifier(catalog.toLowerCase())}.system.register_table(${args});` : null,
    pyiceberg: `# catalog is what load_catalog returns.\ncatalog.register_table((${[...namespace, table].map(pythonString).join(', ')}), ${pythonString(metadataLocation)})`,
  }
}
