import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'

const MAX_NAME_CHARS = 60

/**
 * The engine that sent a report of a scan, from the environment that Iceberg's library adds; null if the report has
 * none, or is unreadable.
 */
export function reportingEngine(text: string): string | null {
  let report: Json
  try {
    report = parseExactJson(text)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
  const environment = isJsonObject(report) ? (report['metadata'] ?? null) : null
  if (!isJsonObject(environment)) return null
  const name = textOf(environment['engine-name'])
  if (name === null) return null
  const version = textOf(environment['engine-version'])
  const title = name.charAt(0).toUpperCase() + name.slice(1)
  return version === null ? title : `${title} ${version}`
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARS) : null
}
