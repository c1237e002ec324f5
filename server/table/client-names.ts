import 'server-only'
import type { ClientName } from '@/server/db/catalog/table-clients'

const MAX_CHARS = 60

/** Engines and libraries by the names that they send, in lower case. Others are shown as they send them. */
const TITLES: Readonly<Record<string, string>> = {
  duckdb: 'DuckDB',
  flink: 'Flink',
  lakeshore: 'Lakeshore',
  pyiceberg: 'PyIceberg',
  spark: 'Spark',
  trino: 'Trino',
}

/** Carries the requests of any program, as the `User-Agent` of Iceberg's Java clients says. */
const TRANSPORT = /^apache-httpclient\b/i

/**
 * A client as it is listed. Java engines reach the catalog through Iceberg's library, which sends its own name or only
 * that of its HTTP client; the engine is known only from snapshots and reports.
 *
 * @param client of `clientName`, or the library that a snapshot or a report names
 * @param engine of a snapshot or a report, with its version
 */
export function toClientName(client: string | null, engine: string | null): ClientName {
  if (engine === null) return { ...parseProduct(client), library: null }
  const named = parseProduct(engine)
  const library = client === null || TRANSPORT.test(client) ? null : client.slice(0, MAX_CHARS)
  return { ...named, library: parseProduct(library).name === named.name ? null : library }
}

/** `duckdb v1.5.6` is DuckDB in version 1.5.6. */
function parseProduct(text: string | null): Pick<ClientName, 'name' | 'version'> {
  if (text === null || text.trim() === '') return { name: null, version: null }
  const [, product = text, version = null] = /^(.*\S)\s+v?(\d\S*)$/iu.exec(text.trim()) ?? []
  const name = product.trim().slice(0, MAX_CHARS)
  return { name: TITLES[name.toLowerCase()] ?? name, version: version?.slice(0, MAX_CHARS) ?? null }
}
