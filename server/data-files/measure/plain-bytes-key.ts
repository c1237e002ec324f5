import 'server-only'

/** In a file's key-value metadata: its plain bytes (see `DataFileSizes`), in 16 digits. */
export const PLAIN_BYTES_KEY = 'lakeshore.plain-bytes'
