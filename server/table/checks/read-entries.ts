import 'server-only'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'

const ENTRY_PATH = /^\/api\/v1\/catalogs\/([^/]+)\/namespaces\/([^/]+)\/(?:tables|views)\/([^/]+)/

/**
 * The tables and views that a query requests from the API, those behind its views too. A query that fails has no summary of
 * what it read, and its message may have values of any of them.
 */
export class ReadEntries {
  readonly #byName = new Map<string, TableIdentifier>()

  /** @param url of a request of the query: a path of the API, with or without a query string */
  add(url: string): void {
    const match = ENTRY_PATH.exec(new URL(url, 'http://lakeshore').pathname)
    if (!match) return
    const [catalog = '', namespace = '', table = ''] = match.slice(1).map(decodeURIComponent)
    const identifier = { catalog, namespace: splitNamespace(namespace), table }
    this.#byName.set(JSON.stringify([catalog, namespace, table]), identifier)
  }

  list(): TableIdentifier[] {
    return [...this.#byName.values()]
  }
}
