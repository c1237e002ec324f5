import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { UsageError } from './verb'

/** @throws {UsageError} for a text that is no `namespace.table` */
export function parseTable(text: string, catalog: string): TableIdentifier {
  const names = text.split('.')
  const table = names.pop()
  if (!table || names.length === 0 || names.includes(''))
    throw new UsageError(`"${text}" is not a name such as demo.flights`)
  return { catalog, namespace: names, table }
}
