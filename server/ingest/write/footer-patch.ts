import 'server-only'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import { readThrift } from '@/lib/parquet/thrift'

/** Patches the footer of a finished file in place, without moving a byte. */

/** In the file's key-value metadata: its plain bytes (see `DataFileSizes`), in 16 digits. */
export const PLAIN_BYTES_KEY = 'lakeshore.plain-bytes'
/** The value until the count is known. */
export const PLAIN_BYTES_PLACEHOLDER = '#'.repeat(16)

/** The footer's length and the magic after it. */
const TAIL_BYTES = 8
const SCHEMA_OF_FILE = 2
const FIELD_ID = 9
const LOGICAL_TYPE = 10
const TIMESTAMP = 8
const IS_ADJUSTED_TO_UTC = 1

/**
 * Writes the plain bytes, and marks nanoseconds with a zone as UTC, for which DuckDB has no type. DuckDB would read
 * marked columns as microseconds, so it must not read the file again after this.
 *
 * Spec: apache/parquet-format, `parquet.thrift`, *FileMetaData*, *TimestampType*.
 */
export async function patchFooter(file: string, schema: Schema, plainBytes: number): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    const { size } = await handle.stat()
    const tail = Buffer.alloc(TAIL_BYTES)
    await handle.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES)
    const footer = Buffer.alloc(tail.readUInt32LE(0))
    const start = size - TAIL_BYTES - footer.length
    await handle.read(footer, 0, footer.length, start)
    const offset = footer.lastIndexOf(PLAIN_BYTES_PLACEHOLDER)
    if (offset < 0) throw new Error(`${path.basename(file)} has no placeholder for its plain bytes`)
    footer.write(String(plainBytes).padStart(PLAIN_BYTES_PLACEHOLDER.length, '0'), offset)
    markInstantsAsUtc(footer, schema)
    await handle.write(footer, 0, footer.length, start)
  } finally {
    await handle.close()
  }
}

function markInstantsAsUtc(footer: Buffer, schema: Schema): void {
  const instantIds = new Set(
    [...indexFields(schema).values()].flatMap(({ field }) => (field.type === 'timestamptz_ns' ? [field.id] : [])),
  )
  if (instantIds.size === 0) return
  for (const element of readThrift(footer).struct.structs(SCHEMA_OF_FILE) ?? []) {
    const fieldId = element.int(FIELD_ID)
    if (fieldId === undefined || !instantIds.delete(fieldId)) continue
    const offset = element.struct(LOGICAL_TYPE)?.struct(TIMESTAMP)?.boolOffset(IS_ADJUSTED_TO_UTC)
    if (offset === undefined) throw new Error(`field ${fieldId} is no timestamp in the file`)
    footer[offset] = (footer.readUInt8(offset) & 0xf0) | 1
  }
  if (instantIds.size > 0) throw new Error('a timestamp is not in the file')
}
