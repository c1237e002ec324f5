import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { quoteString } from './quote-identifier'
import { sqlName } from './table-name'

/** A first query over the shown version of a table: `select * from demo.flights for version as of 123 limit 100`. */
export function selectFromTable(
  { namespace, table }: Pick<TableIdentifier, 'namespace' | 'table'>,
  shown: { isNow: boolean; snapshotId: string | null; ref: { name: string } | null },
): string {
  const name = sqlName([...namespace, table])
  if (shown.isNow) return `select *\nfrom ${name}\nlimit 100`
  if (shown.ref && shown.ref.name !== 'main')
    return `select *\nfrom ${name} for version as of ${quoteString(shown.ref.name)}\nlimit 100`
  return shown.snapshotId === null
    ? `select *\nfrom ${name}\nlimit 100`
    : `select *\nfrom ${name} for version as of ${shown.snapshotId}\nlimit 100`
}
