import type { TableDetail } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'

export type SnippetEngine = 'pyiceberg' | 'spark' | 'duckdb'

/** A few lines per engine that open this table. The catalog's name is part of every row's key, so it is given. */
export const SNIPPETS: Record<SnippetEngine, (table: TableRef, detail: TableDetail) => string> = {
  pyiceberg: ({ catalog, namespace, table }, { catalogUri, catalogWarehouse }) =>
    [
      'from pyiceberg.catalog.sql import SqlCatalog',
      '',
      `catalog = SqlCatalog(${text(catalog)}, uri=${text(catalogUri)}, warehouse=${text(catalogWarehouse ?? '')})`,
      `table = catalog.load_table(${tuple([...namespace, table])})`,
      'print(table.scan().to_arrow())',
    ].join('\n'),
  spark: ({ catalog, namespace, table }, { catalogUri, catalogWarehouse }) =>
    [
      'spark-sql \\',
      '  --packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1,org.xerial:sqlite-jdbc:3.50.3.0 \\',
      `  --conf spark.sql.catalog.${catalog}=org.apache.iceberg.spark.SparkCatalog \\`,
      `  --conf spark.sql.catalog.${catalog}.type=jdbc \\`,
      `  --conf spark.sql.catalog.${catalog}.uri=${shell(`jdbc:${catalogUri.replace('sqlite:///', 'sqlite:')}`)} \\`,
      `  --conf spark.sql.catalog.${catalog}.jdbc.schema-version=V1 \\`,
      `  --conf spark.sql.catalog.${catalog}.warehouse=${shell(catalogWarehouse ?? '')} \\`,
      `  -e ${shell(`select count(*) from ${[catalog, ...namespace, table].map(backquoted).join('.')}`)}`,
    ].join('\n'),
  duckdb: (_table, { metadataLocation }) =>
    [
      'install iceberg;',
      'load iceberg;',
      `select count(*) from iceberg_scan(${sqlText(metadataLocation.replace(/^file:\/\//, ''))});`,
    ].join('\n'),
}

/** A JSON string is a Python string too. */
function text(value: string): string {
  return JSON.stringify(value)
}

function tuple(names: readonly string[]): string {
  return `(${names.map(text).join(', ')})`
}

function shell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}

function backquoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
