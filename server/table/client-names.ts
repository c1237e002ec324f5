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

/**
 * A client as it is listed. Java engines reach the catalog through Iceberg's library, which sends its own name; the
 * engine is known only from snapshots and reports.
 *
 * @param client of `clientName`
 * @param engine of a snapshot or a report, with its version
 */
export function toClientName(client: string | null, engine: string | null): ClientName {
  if (engine === null) return { ...parseProduct(client), library: null }
  const named = parseProduct(engine)
  const { name } = parseProduct(client)
  return { ...named, library: name === null || name === named.name ? null : (client?.slice(0, MAX_CHARS) ?? null) }
}

/** `duckdb v1.5.6` is DuckDB in version 1.5.6. */
function parseProduct(text: string | null): Pick<ClientName, 'name' | 'version'> {
  if (text === null || text.trim() === '') return { name: null, version: null }
  const [, product = text, version = null] = /^(.*\S)\s+v?(\d\S*)$/iu.exec(text.trim()) ?? []
  const name = product.trim().slice(0, MAX_CHARS)
  return { name: TITLES[name.toLowerCase()] ?? name, version: version?.slice(0, MAX_CHARS) ?? null }
}
