import 'server-only'
import { textDecoder } from '@duckdb/node-api/lib/vectors/dataAccessors.js'

const EXACT = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Lets the driver of DuckDB return texts that begin with U+FEFF in full. Its decoder takes the character for a byte
 * order mark and drops it, in every column, list, map and struct, and no option changes that (@duckdb/node-api 1.5.6,
 * `lib/vectors/dataAccessors.js`).
 */
export function decodeDuckdbTextsExactly(): void {
  textDecoder.decode = (bytes) => EXACT.decode(bytes)
}
