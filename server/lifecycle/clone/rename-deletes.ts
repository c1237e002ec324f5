import 'server-only'
import { AppError } from '@/lib/errors'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import { OversizedParquet, withFileName } from '@/lib/parquet/errors'
import { POSITION_DELETE_FIELDS, PositionCollector } from '@/lib/scan/deletes/position-deletes'
import { readPuffinFooter } from '@/lib/scan/inspect/puffin'
import { fetchGroup, openDataFile as openRows } from '@/lib/scan/read/data-file'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { openDataFile } from '@/server/data-files/open-data-file'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { StoredFile } from './copy-file'
import {
  describePositions,
  type PathPositions,
  writePositionDeleteFile,
} from '@/server/data-files/delete-files/position-delete-file'

/** Paths of data files: from those of the source to those of the clone. */
export type PathMap = ReadonlyMap<string, string>

/** About 160 bytes of memory for each. */
const MAX_POSITIONS = 5_000_000
const MAX_PUFFIN_BYTES = 256 * 1024 * 1024
const TAIL_BYTES = 64 * 1024

/** A Parquet file of deletes with other paths in it. */
export type RenamedDeletes = { bytes: Uint8Array; file: ReturnType<typeof describePositions> }

/**
 * Writes a position delete file again with the paths of the clone. Deletes of files that the state no longer has are
 * left out, because they have no effect.
 *
 * @returns null when it names no data file of the clone
 * @throws {AppError} file-damaged, not-supported; too-large for more positions than fit into memory
 */
export async function renamePositionDeletes(
  { store, location }: StoredFile,
  { recordCount, fileFormat }: DataFile,
  paths: PathMap,
  signal: AbortSignal,
): Promise<RenamedDeletes | null> {
  if (recordCount > MAX_POSITIONS) {
    throw new AppError(
      'too-large',
      `${location} has ${recordCount} positions. A clone renames at most ${MAX_POSITIONS} in one file: rewrite the deletes first.`,
    )
  }
  const source = await openDataFile(store, location, signal)
  const collector = new PositionCollector()
  await withFileName(location, async () => {
    const facts = { fileFormat, recordCount, constants: new Map(), nameMapping: null }
    const tally = { bytesRead: 0, requests: 0 }
    const codecs = { ...pageCodecs, avro: avroCodecs }
    const opened = await openRows(source, facts, { codecs, tally, tailBytes: TAIL_BYTES, signal })
    for (const [index, { rowCount }] of opened.rowGroups.entries()) {
      const range = { from: 0, to: rowCount, fields: POSITION_DELETE_FIELDS, chunks: new Map(), readsWhole: true }
      const read = await fetchGroup(opened, index, { ...range, reserveMemory: createBudget(), signal })
      collector.add(read(0, rowCount, createBudget()), rowCount)
    }
  })
  const positions = [...collector.finish()]
  const found = positions.reduce((total, [, list]) => total + list.length, 0)
  if (found !== recordCount) {
    throw new AppError('file-damaged', `${location} has positions that no row can have, so it was not copied.`)
  }
  const renamed = positions.flatMap(([path, list]): PathPositions[] => {
    const target = paths.get(path)
    return target === undefined ? [] : [{ path: target, positions: list }]
  })
  if (renamed.length === 0) return null
  return { bytes: await writePositionDeleteFile(renamed), file: describePositions(renamed) }
}

/**
 * Copies a Puffin file of deletion vectors with the paths of the clone in its footer. The vectors stay where they are;
 * those of files that the state no longer has are left out of the footer.
 *
 * @throws {AppError} file-damaged, too-large; not-supported for a compressed footer
 */
export async function renameDeletionVectors(
  { store, location }: StoredFile,
  paths: PathMap,
  signal: AbortSignal,
): Promise<Uint8Array> {
  // Checks the file.
  const { blobs } = await readPuffinFooter(await openDataFile(store, location, signal), { signal })
  const bytes = await store.read(location, { maxBytes: MAX_PUFFIN_BYTES, signal })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.length - TRAILER_BYTES
  const start = end - view.getUint32(end, true)
  const footer = parseExactJson(new TextDecoder().decode(bytes.subarray(start, end)))
  const listed = isJsonObject(footer) && Array.isArray(footer['blobs']) ? (footer['blobs'] as readonly Json[]) : null
  if (!isJsonObject(footer) || listed?.length !== blobs.length)
    throw new AppError('file-damaged', `The footer of ${location} has no list of blobs.`)
  const renamed: Json = { ...footer, blobs: listed.flatMap((blob) => renameBlob(blob, paths)) }
  const payload = new TextEncoder().encode(stringifyExactJson(renamed))
  const copy = new Uint8Array(start + payload.length + TRAILER_BYTES)
  copy.set(bytes.subarray(0, start))
  copy.set(payload, start)
  copy.set(bytes.subarray(end), start + payload.length)
  new DataView(copy.buffer).setUint32(start + payload.length, payload.length, true)
  return copy
}

/** Payload size, flags and magic. Spec: Iceberg Puffin spec, *Footer structure*. */
const TRAILER_BYTES = 12
const REFERENCED = 'referenced-data-file'

function renameBlob(blob: Json, paths: PathMap): JsonObject[] {
  const properties = isJsonObject(blob) ? blob['properties'] : undefined
  const path = isJsonObject(properties) ? properties[REFERENCED] : undefined
  const target = typeof path === 'string' ? paths.get(path) : undefined
  if (!isJsonObject(blob) || !isJsonObject(properties) || target === undefined) return []
  return [{ ...blob, properties: { ...properties, [REFERENCED]: target } }]
}

function createBudget(): (bytes: number) => void {
  let remainingBytes = DECODE_LIMITS.decodedBytes
  return (bytes) => {
    remainingBytes -= bytes
    if (remainingBytes < 0) throw new OversizedParquet('its deletes take too much memory')
  }
}
