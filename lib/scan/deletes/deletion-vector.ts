import { crc32 } from '@/lib/parquet/crc32'
import { DeletedRows } from './deleted-rows'

/** A deletion vector that violates its format. {@link readDeletionVector} throws it without the file's name. */
export class DamagedDeletionVector extends Error {
  override readonly name = 'DamagedDeletionVector'
}

const MAGIC = 0xd1d33964
/** Lengths, magic and checksum around the bitmap. */
const FRAME_BYTES = 12

/**
 * The rows that a blob `deletion-vector-v1` deletes.
 *
 * Spec: Iceberg Puffin spec, *deletion-vector-v1*: the length of what follows but the checksum, a magic number, the
 * positions as a 64-bit Roaring bitmap in its portable form, and a CRC-32 of magic and bitmap; length and checksum are
 * big-endian, the rest little-endian.
 *
 * @param blob from the offset and of the length in the manifest
 * @param rowCount of the data file
 * @throws {DamagedDeletionVector}
 */
export function readDeletionVector(blob: Uint8Array, rowCount: number): DeletedRows {
  const deleted = new DeletedRows(rowCount)
  readPositions(blob, deleted)
  return deleted
}

/** Adds the positions of such a blob, in its order. Throws as {@link readDeletionVector}. */
export function readPositions(blob: Uint8Array, deleted: DeletedRows): void {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  if (blob.length < FRAME_BYTES) throw new DamagedDeletionVector(`it has only ${blob.length} bytes`)
  const contentBytes = view.getUint32(0)
  if (contentBytes !== blob.length - 8) {
    throw new DamagedDeletionVector(`it claims ${contentBytes} bytes but has ${blob.length - 8}`)
  }
  if (view.getUint32(4) !== MAGIC) throw new DamagedDeletionVector('it does not begin with the magic number')
  if (crc32(blob.subarray(4, blob.length - 4)) !== view.getUint32(blob.length - 4)) {
    throw new DamagedDeletionVector('its bytes do not match its checksum')
  }
  try {
    readRoaring64(new RoaringCursor(view, 8, blob.length - 4), deleted)
  } catch (error) {
    if (error instanceof RangeError) throw new DamagedDeletionVector('it ends before its positions do')
    throw error
  }
}

/** Reads little-endian numbers up to an end. */
class RoaringCursor {
  readonly #view: DataView
  readonly #end: number
  #at: number

  constructor(view: DataView, start: number, end: number) {
    this.#view = view
    this.#at = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#advance(length), length)
  }

  #advance(length: number): number {
    const at = this.#at
    if (at + length > this.#end) throw new RangeError('the bitmap ends too early')
    this.#at += length
    return at
  }
}

/** Spec: RoaringFormatSpec, *Extension for 64-bit implementations*: the count of 32-bit bitmaps, each after its key. */
function readRoaring64(cursor: RoaringCursor, deleted: DeletedRows): void {
  const bitmapCount = cursor.uint64()
  if (bitmapCount > 2n ** 31n) throw new DamagedDeletionVector(`it claims ${bitmapCount} bitmaps`)
  let lastKey = -1
  for (let i = 0n; i < bitmapCount; i++) {
    const key = cursor.uint32()
    if (key <= lastKey) throw disorderError()
    lastKey = key
    readRoaring32(cursor, key * 2 ** 32, deleted)
  }
  if (!cursor.isAtEnd) throw new DamagedDeletionVector('there are bytes after its positions')
}

const COOKIE_WITHOUT_RUNS = 12346
const COOKIE_WITH_RUNS = 12347
/** With fewer containers and with runs, there are no offsets. */
const MIN_CONTAINERS_FOR_OFFSETS = 4
const MAX_CONTAINERS = 65_536
const MAX_ARRAY_VALUES = 4096

/** Spec: RoaringFormatSpec, *General layout*. */
function readRoaring32(cursor: RoaringCursor, base: number, deleted: DeletedRows): void {
  const cookie = cursor.uint32()
  const hasRuns = (cookie & 0xffff) === COOKIE_WITH_RUNS
  if (!hasRuns && cookie !== COOKIE_WITHOUT_RUNS) throw new DamagedDeletionVector(`it has the cookie ${cookie}`)
  const containerCount = hasRuns ? (cookie >>> 16) + 1 : cursor.uint32()
  if (containerCount > MAX_CONTAINERS) throw new DamagedDeletionVector(`it claims ${containerCount} containers`)
  const runFlags = hasRuns ? cursor.bytes(Math.ceil(containerCount / 8)) : null
  const containers = Array.from({ length: containerCount }, (_, i) => ({
    base: base + cursor.uint16() * 65_536,
    valueCount: cursor.uint16() + 1,
    isRuns: runFlags !== null && (((runFlags[i >> 3] ?? 0) >> (i & 7)) & 1) === 1,
  }))
  if (containers.some((container, i) => i > 0 && container.base <= (containers[i - 1]?.base ?? 0)))
    throw disorderError()
  if (!hasRuns || containerCount >= MIN_CONTAINERS_FOR_OFFSETS) cursor.bytes(4 * containerCount)
  for (const container of containers) {
    if (container.isRuns) readRuns(cursor, container.base, deleted)
    else if (container.valueCount > MAX_ARRAY_VALUES) readBits(cursor, container.base, deleted)
    else for (let i = 0; i < container.valueCount; i++) deleted.add(container.base + cursor.uint16())
  }
}

function readRuns(cursor: RoaringCursor, base: number, deleted: DeletedRows): void {
  const runCount = cursor.uint16()
  let lastEnd = base
  for (let i = 0; i < runCount; i++) {
    const start = base + cursor.uint16()
    const end = start + cursor.uint16() + 1
    if (start < lastEnd) throw disorderError()
    deleted.addRange(start, end)
    lastEnd = end
  }
}

/** The order bounds the work: without it, a few bytes could list the same positions again and again. */
function disorderError(): DamagedDeletionVector {
  return new DamagedDeletionVector('its positions are not in order')
}

function readBits(cursor: RoaringCursor, base: number, deleted: DeletedRows): void {
  const bytes = cursor.bytes(8192)
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    for (let bit = 0; byte >> bit !== 0; bit++) if ((byte >> bit) & 1) deleted.add(base + i * 8 + bit)
  }
}
