import type { TableIdentifier } from '@/lib/names/identifiers'
import { quoteString } from '../../sql/quote-identifier'
import { sqlName } from './table-name'

/** A first query over one file of a table. The snapshot is named, so that the query works after the file is removed. */
export function selectFromFile(
  { catalog, namespace, table }: TableIdentifier,
  { path, snapshotId }: { path: string; snapshotId: string | null },
): string {
  const options = [
    quoteString(path),
    `table = ${quoteString(sqlName([catalog, ...namespace, table]))}`,
    ...(snapshotId === null ? [] : [`snapshot = ${quoteString(snapshotId)}`]),
  ]
  return `select *\nfrom read_parquet(\n  ${options.join(',\n  ')}\n)\nlimit 100`
}

/** A first query over a file that the user dropped. */
export function selectFromDroppedFile(name: string): string {
  return `select *\nfrom read_parquet(${quoteString(`dropped:${name}`)})\nlimit 100`
}
