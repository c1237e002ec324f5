import { pythonString } from '@/lib/sql/quoting'
import { quoteString } from '@/lib/sql/quote-identifier'
import type { Missing, PythonStep, SparkTable, SqlStatements } from './intent-statement'
import { transactionStep } from './pyiceberg-code'
import { alterInSpark, sparkString } from './spark-sql'
import { alterInTrino } from './trino-sql'

/** Statements about properties of the table. */

/** Keys that Spark has other statements for, and Iceberg for Spark takes as commands. */
const SPARK_KEYS = ['provider', 'location', 'owner', 'external', 'is_managed_location', 'cherry-pick-snapshot-id']

export function setInSpark(entries: readonly (readonly [string, string])[], table: SparkTable): SqlStatements {
  const pairs = entries.map(([key, value]) => `${sparkString(key)} = ${sparkString(value)}`)
  return (
    sparkKeyProblem(entries.map(([key]) => key)) ?? [alterInSpark(table, `SET TBLPROPERTIES (${pairs.join(', ')})`)]
  )
}

export function removeInSpark(keys: readonly string[], table: SparkTable): SqlStatements {
  const names = keys.map(sparkString).join(', ')
  return sparkKeyProblem(keys) ?? [alterInSpark(table, `UNSET TBLPROPERTIES (${names})`)]
}

export function sparkKeyProblem(keys: readonly string[]): Missing | null {
  const reserved = keys.find((key) => SPARK_KEYS.includes(key))
  return reserved === undefined ? null : { reason: `Spark reserves the property ${reserved} for itself.` }
}

export function setInPyiceberg(entries: readonly (readonly [string, string])[]): PythonStep {
  const pairs = entries.map(([key, value]) => `${pythonString(key)}: ${pythonString(value)}`)
  return transactionStep(`set_properties({${pairs.join(', ')}})`)
}

export function removeInPyiceberg(keys: readonly string[]): PythonStep {
  return transactionStep(`remove_properties(${keys.map(pythonString).join(', ')})`)
}

/** Properties for which Trino has its own, with other names. */
const TRINO_KEYS: Readonly<Record<string, string>> = {
  'write.format.default': 'format',
  'write.data.path': 'data_location',
  'write.object-storage.enabled': 'object_store_layout_enabled',
  'write.object-storage.path': 'data_location',
  'commit.retry.num-retries': 'max_commit_retry',
}

export const TRINO_SETTING = 'the catalog needs iceberg.allowed-extra-properties'

/** By default, Trino sets no properties but its own. */
export function setInTrino(key: string, value: string, table: string): SqlStatements {
  if (key === 'comment') return [`COMMENT ON TABLE ${table} IS ${quoteString(value)}`]
  const problem = trinoKeyProblem(key)
  if (problem !== null) return problem
  const map = `MAP(ARRAY[${quoteString(key)}], ARRAY[${quoteString(value)}])`
  return [alterInTrino(table, `SET PROPERTIES extra_properties = ${map} /* ${TRINO_SETTING} */`)]
}

/** Why Trino does not take a property as an extra one; null if it does. */
export function trinoKeyProblem(key: string): Missing | null {
  const own = TRINO_KEYS[key]
  if (own === undefined && !key.startsWith('write.parquet.bloom-filter-enabled.column.')) return null
  return { reason: `Trino sets ${key} only as ${own ?? 'parquet_bloom_filter_columns'}, whose values differ.` }
}
