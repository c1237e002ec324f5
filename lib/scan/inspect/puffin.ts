import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet, UnsupportedParquet, withFileName } from '@/lib/parquet/errors'

/** One blob of a Puffin file, as its footer describes it. */
export type PuffinBlob = {
  type: string
  /** Field ids it was computed for; empty for deletion vectors. */
  fields: readonly number[]
  snapshotId: string
  sequenceNumber: string
  offset: number
  lengthBytes: number
  /** Null if it is not compressed. */
  codec: string | null
  properties: Readonly<Record<string, string>>
}

export type PuffinFooter = { blobs: readonly PuffinBlob[]; properties: Readonly<Record<string, string>> }

const MAGIC = 'PFA1'
/** Payload size, flags and magic. */
const TRAILER_BYTES = 12
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024
const MAX_BLOBS = 100_000

/**
 * Reads the footer of a Puffin file, whose length has to be right.
 *
 * Spec: Iceberg Puffin spec, *Footer structure* and *Footer payload*.
 *
 * @throws {AppError} file-damaged, not-supported (a compressed footer) or too-large, naming the file
 */
export async function readPuffinFooter(
  source: ByteSource,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PuffinFooter> {
  return await withFileName(source.name, async () => {
    const { byteLength } = source
    if (byteLength < 2 * MAGIC.length + TRAILER_BYTES)
      throw new DamagedParquet(`the file is ${byteLength} bytes long, too short for a Puffin file`)
    const trailer = await source.read(byteLength - TRAILER_BYTES, byteLength, signal)
    const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength)
    requireMagic(trailer.subarray(8), 'at its end')
    const payloadBytes = view.getUint32(0, true)
    const start = byteLength - TRAILER_BYTES - payloadBytes - MAGIC.length
    if (start < MAGIC.length) throw new DamagedParquet(`its footer claims ${payloadBytes} bytes`)
    if (payloadBytes > MAX_PAYLOAD_BYTES)
      throw new OversizedParquet(`its footer has ${payloadBytes} bytes, more than ${MAX_PAYLOAD_BYTES}`)
    const flags = view.getUint32(4, true)
    if (flags === 1) throw new UnsupportedParquet('its footer is compressed, which Lakeshore cannot read')
    if (flags !== 0) throw new UnsupportedParquet(`its footer has the unknown flags ${flags}`)
    const footer = await source.read(start, byteLength - TRAILER_BYTES, signal)
    requireMagic(footer.subarray(0, MAGIC.length), 'before its footer')
    const json = parseExactJson(new TextDecoder().decode(footer.subarray(MAGIC.length)))
    return toFooter(json, start)
  })
}

function requireMagic(bytes: Uint8Array, where: string): void {
  if (String.fromCharCode(...bytes) !== MAGIC) throw new DamagedParquet(`the magic of Puffin is missing ${where}`)
}

function toFooter(json: Json, footerStart: number): PuffinFooter {
  const blobs = isJsonObject(json) ? json['blobs'] : undefined
  if (!isJsonObject(json) || !Array.isArray(blobs)) throw new DamagedParquet('its footer has no list of blobs')
  if (blobs.length > MAX_BLOBS) throw new OversizedParquet(`it has ${blobs.length} blobs, more than ${MAX_BLOBS}`)
  return {
    blobs: (blobs as readonly Json[]).map((blob) => toBlob(blob, footerStart)),
    properties: toProperties(json['properties']),
  }
}

function toBlob(json: Json, footerStart: number): PuffinBlob {
  if (!isJsonObject(json)) throw new DamagedParquet('a blob is not an object')
  const { type, fields } = json
  if (typeof type !== 'string') throw new DamagedParquet('a blob has no type')
  const offset = readCount(json, 'offset')
  const lengthBytes = readCount(json, 'length')
  if (offset + lengthBytes > footerStart)
    throw new DamagedParquet(`a blob ends at byte ${offset + lengthBytes}, behind the start of the footer`)
  const codec = json['compression-codec']
  return {
    type,
    fields: Array.isArray(fields) ? (fields as readonly Json[]).filter((id) => typeof id === 'number') : [],
    snapshotId: stringifyExactJson(json['snapshot-id'] ?? null),
    sequenceNumber: stringifyExactJson(json['sequence-number'] ?? null),
    offset,
    lengthBytes,
    codec: typeof codec === 'string' ? codec : null,
    properties: toProperties(json['properties']),
  }
}

function readCount(json: JsonObject, name: string): number {
  const value = json[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new DamagedParquet(`the ${name} of a blob is not a number of bytes`)
}

function toProperties(json: Json | undefined): Record<string, string> {
  if (!isJsonObject(json)) return {}
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, typeof value === 'string' ? value : stringifyExactJson(value)]),
  )
}
