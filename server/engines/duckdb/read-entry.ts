import 'server-only'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'

const ENTRY_PATH = /^\/api\/v1\/catalogs\/([^/]+)\/namespaces\/([^/]+)\/(?:tables|views)\/([^/]+)/

/**
 * The table or view that a request of a query names; null for any other request.
 *
 * @param url a path of the API, with or without a query string
 */
export function readEntryOf(url: string): TableIdentifier | null {
  const match = ENTRY_PATH.exec(new URL(url, 'http://lakeshore').pathname)
  if (!match) return null
  const [catalog = '', namespace = '', table = ''] = match.slice(1).map(decodeURIComponent)
  return { catalog, namespace: splitNamespace(namespace), table }
}
