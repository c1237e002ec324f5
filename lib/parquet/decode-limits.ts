/**
 * Limits on decoding, the same for the rows of the Data tab and the columns of a query. A browser tab has about 2 GiB,
 * and a decoded column is in memory up to four times on its way to DuckDB (the decoder's memory, its result, the mapped
 * result, DuckDB's own).
 */
export type DecodeLimits = {
  /** Memory for values that are decoded together: the pages of some rows, or the columns of a row group. */
  decodedBytes: number
  /** Total bytes of strings and binaries in returned rows; no single value is longer. */
  valueBytes: number
}

export const DECODE_LIMITS: DecodeLimits = {
  decodedBytes: 512 * 1024 * 1024,
  valueBytes: 64 * 1024 * 1024,
}

export function toMebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
