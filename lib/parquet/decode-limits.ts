/**
 * What decoding may take, whichever reader decodes: the rows of the Data tab and the columns of a query pass the same
 * bounds. A browser's tab lives on some 2 GiB, and a decoded column lies in it up to four times on its way to DuckDB
 * (the decoder's memory, its answer, the mapped answer, DuckDB's own).
 */
export type DecodeLimits = {
  /** Memory for what is decoded together: the pages of some rows, or the columns of a row group. */
  decodedBytes: number
  /** Texts and binaries handed out together in rows; no single value is longer. */
  valueBytes: number
}

export const DECODE_LIMITS: DecodeLimits = {
  decodedBytes: 512 * 1024 * 1024,
  valueBytes: 64 * 1024 * 1024,
}

export function toMebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
