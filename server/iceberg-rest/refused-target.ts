import 'server-only'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { Resource } from '@/lib/permissions'
import type { RestInput } from './request-input'

/**
 * The target of a refused request, for the audit: from the path, otherwise from the names in the body. The body may be
 * anything, because requests that were refused before it was validated are read, too.
 *
 * @returns the first table of a transaction, with the number of its tables
 */
export function readTarget({ catalog, namespace, name, body }: RestInput): { on: Resource; tableCount: number } {
  const inPath: Resource = { catalog, ...(namespace.length > 0 && { namespace }), ...(name !== '' && { table: name }) }
  if (name !== '' || body === null) return { on: inPath, tableCount: 1 }
  if (namespace.length > 0) {
    return { on: { ...inPath, ...(typeof body['name'] === 'string' && { table: body['name'] }) }, tableCount: 1 }
  }
  const changes = body['table-changes']
  const first = Array.isArray(changes) ? changes[0] : undefined
  const named = readIdentifier(isJsonObject(first) ? first['identifier'] : body['source'])
  const created = readNames(body['namespace'])
  return {
    on: { catalog, ...(named ?? (created && { namespace: created })) },
    tableCount: Array.isArray(changes) ? changes.length : 1,
  }
}

function readIdentifier(json: Json | undefined): { namespace: string[]; table: string } | null {
  if (!isJsonObject(json)) return null
  const namespace = readNames(json['namespace'])
  const table = json['name']
  return namespace !== null && typeof table === 'string' ? { namespace, table } : null
}

function readNames(json: Json | undefined): string[] | null {
  if (!Array.isArray(json) || json.length === 0) return null
  const names = json.filter((name) => typeof name === 'string')
  return names.length === json.length ? names : null
}
