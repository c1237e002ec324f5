import type { ByteSource } from '@/lib/parquet/byte-source'
import { type Fields, int, list, struct, text, writeStruct, type Written } from './thrift-writer'

/**
 * Parquet footers made by hand after `parquet.thrift`, so that a test can make any of their fields wrong. The names of
 * the functions are those of the format's structs.
 */

const REQUIRED = 0

/** An integer column. */
export function schemaElement(name: string, fields: Fields = {}): Written {
  return struct({ 1: int(1), 3: int(REQUIRED), 4: text(name), ...fields })
}

export function rootElement(childCount: number): Written {
  return struct({ 4: text('schema'), 5: int(childCount) })
}

/** A chunk of three plain values in the twelve bytes after the magic. */
export function columnChunk(name: string, meta: Fields = {}, fields: Fields = {}): Written {
  const columnMetaData = struct({
    1: int(1),
    2: list(int(0), int(3)),
    3: list(text(name)),
    4: int(0),
    5: int(3),
    6: int(12),
    7: int(12),
    9: int(4),
    ...meta,
  })
  return struct({ 2: int(4), 3: columnMetaData, ...fields })
}

export function rowGroup(columns: readonly Written[], rowCount = 3): Written {
  return struct({ 1: list(...columns), 2: int(12), 3: int(rowCount) })
}

/** One column `a` in one row group. */
export function fileMetaData(fields: Fields = {}): Uint8Array {
  return writeStruct({
    1: int(2),
    2: list(rootElement(1), schemaElement('a')),
    3: int(3),
    4: list(rowGroup([columnChunk('a')])),
    ...fields,
  })
}

/** Magic, pages, footer, its length, magic. */
export function fileOf(
  footer: Uint8Array,
  { pages = new Uint8Array(12), magic = 'PAR1', claimed = footer.length } = {},
) {
  const encoded = new TextEncoder()
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, claimed, true)
  return Uint8Array.from([...encoded.encode('PAR1'), ...pages, ...footer, ...length, ...encoded.encode(magic)])
}

/** A file in memory, with the ranges that were read of it. */
export function sourceOf(bytes: Uint8Array, name = 'f.parquet'): ByteSource & { reads: [number, number][] } {
  const reads: [number, number][] = []
  return {
    name,
    byteLength: bytes.length,
    reads,
    read: async (start, end) => {
      reads.push([start, end])
      return bytes.subarray(start, end)
    },
  }
}
