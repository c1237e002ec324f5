const TABLES = makeTables()

/** CRC-32 as in gzip and Parquet's page headers (polynomial 0xEDB88320), 0 to 2^32 − 1. Four bytes per step. */
export function crc32(bytes: Uint8Array): number {
  const [first, second, third, fourth] = TABLES
  let crc = -1
  let i = 0
  for (const end = bytes.length - 3; i < end; i += 4) {
    crc ^= (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
    crc =
      (fourth[crc & 255] ?? 0) ^
      (third[(crc >>> 8) & 255] ?? 0) ^
      (second[(crc >>> 16) & 255] ?? 0) ^
      (first[crc >>> 24] ?? 0)
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ (first[(crc ^ (bytes[i] ?? 0)) & 255] ?? 0)
  return ~crc >>> 0
}

function makeTables(): [Int32Array, Int32Array, Int32Array, Int32Array] {
  const tables: [Int32Array, Int32Array, Int32Array, Int32Array] = [
    new Int32Array(256),
    new Int32Array(256),
    new Int32Array(256),
    new Int32Array(256),
  ]
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[0][i] = crc
  }
  for (let i = 0; i < 256; i++) {
    for (let k = 1; k < 4; k++) {
      const previous = tables[k - 1]?.[i] ?? 0
      const table = tables[k]
      if (table) table[i] = (previous >>> 8) ^ (tables[0][previous & 255] ?? 0)
    }
  }
  return tables
}
