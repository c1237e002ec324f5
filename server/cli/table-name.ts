import 'server-only'
import { parseDottedName, toDottedName } from '@/lib/names/dotted-name'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { nameLimitProblem, type Names } from '@/lib/names/name-limits'
import { UsageError } from './verb'

/**
 * Levels and a table name, separated by dots: `demo.flights`, `demo."daily.v2"`.
 *
 * @throws {UsageError} for a text that is no `namespace.table`
 */
export function parseTable(text: string, catalog: string): TableIdentifier {
  const names = parseDottedName(text)
  const table = names?.pop()
  if (names === null || table === undefined || names.length === 0) throw noNameError(text)
  const identifier = { catalog, namespace: names, table }
  requireNameLimits(identifier)
  return identifier
}

/**
 * Levels separated by dots: `demo`, `demo."eu.west"`.
 *
 * @throws {UsageError} for a text that is not a namespace
 */
export function parseNamespace(text: string): Namespace {
  const namespace = parseDottedName(text)
  if (namespace === null || namespace.length === 0) {
    throw new UsageError(`"${text}" is not a namespace such as demo or demo."eu.west"`)
  }
  requireNameLimits({ namespace })
  return namespace
}

/** The inverse of {@link parseTable}. */
export function tableName({ namespace, table }: Omit<TableIdentifier, 'catalog'>): string {
  return toDottedName([...namespace, table])
}

/** @throws {UsageError} for names larger than any may be */
export function requireNameLimits(names: Names): void {
  const problem = nameLimitProblem(names)
  if (problem !== null) throw new UsageError(problem)
}

function noNameError(text: string): UsageError {
  return new UsageError(`"${text}" is not a name such as demo.flights or demo."daily.v2"`)
}
