import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { nameLimitProblem, type Names } from '@/lib/names/name-limits'
import { UsageError } from './verb'

/** A level, or a name with dots in double quotes, in which two quotes mean one. */
const PART = /^(?:"((?:[^"]|"")+)"|([^."]+))(?:\.|$)/

/**
 * Levels and a table name, separated by dots: `demo.flights`, `demo."daily.v2"`.
 *
 * @throws {UsageError} for a text that is no `namespace.table`
 */
export function parseTable(text: string, catalog: string): TableIdentifier {
  const names: string[] = []
  let rest = text
  while (rest !== '') {
    const part = PART.exec(rest)
    if (part === null) throw noNameError(text)
    names.push(part[1]?.replaceAll('""', '"') ?? part[2] ?? '')
    rest = rest.slice(part[0].length)
  }
  const table = names.pop()
  if (table === undefined || names.length === 0 || text.endsWith('.')) throw noNameError(text)
  const identifier = { catalog, namespace: names, table }
  requireNameLimits(identifier)
  return identifier
}

/** @throws {UsageError} for names larger than any may be */
export function requireNameLimits(names: Names): void {
  const problem = nameLimitProblem(names)
  if (problem !== null) throw new UsageError(problem)
}

function noNameError(text: string): UsageError {
  return new UsageError(`"${text}" is not a name such as demo.flights or demo."daily.v2"`)
}
