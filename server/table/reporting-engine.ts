import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'

const MAX_NAME_CHARS = 60

/** The engine that sent a report of a scan; null if the report names none, or is unreadable. */
export function reportingEngine(text: string): string | null {
  const environment = readEnvironment(text)
  const name = textOf(environment['engine-name'])
  if (name === null) return null
  const version = textOf(environment['engine-version'])
  const title = name.charAt(0).toUpperCase() + name.slice(1)
  return version === null ? title : `${title} ${version}`
}

/** The library of the engine that sent a report, without its commit; null as for {@link reportingEngine}. */
export function reportingLibrary(text: string): string | null {
  const [library = ''] = textOf(readEnvironment(text)['iceberg-version'])?.split(' (') ?? []
  return library === '' ? null : library
}

/** The environment that Iceberg's library adds to a report: the engine, and versions. Empty if it cannot be read. */
function readEnvironment(text: string): JsonObject {
  let report: Json
  try {
    report = parseExactJson(text)
  } catch (error) {
    if (error instanceof AppError) return {}
    throw error
  }
  const environment = isJsonObject(report) ? (report['metadata'] ?? null) : null
  return isJsonObject(environment) ? environment : {}
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARS) : null
}
