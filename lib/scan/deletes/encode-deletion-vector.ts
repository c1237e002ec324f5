import { crc32 } from '@/lib/parquet/crc32'
import type { DeletedRows } from './deleted-rows'

const MAGIC = 0xd1d33964
const COOKIE = 12_346
const CONTAINER_ROWS = 65_536
const MAX_ARRAY_VALUES = 4096
const BITMAP_BYTES = CONTAINER_ROWS / 8
/** Length, magic, the number of bitmaps, and the key, the cookie and the number of containers of the only one. */
const HEAD_BYTES = 4 + 4 + 8 + 4 + 4 + 4

/**
 * The blob `deletion-vector-v1` of deleted rows, which {@link readDeletionVector} reads. Positions are below 2³², so there
 * is one 32-bit bitmap, of arrays and bits.
 *
 * Spec: Iceberg Puffin spec, *deletion-vector-v1*; RoaringFormatSpec, *General layout*.
 */
export function encodeDeletionVector(deleted: DeletedRows): Uint8Array {
  const containers = splitPositions(deleted)
  const descriptionBytes = containers.length * 8
  const contentBytes = containers.reduce((total, { positions }) => total + containerBytes(positions), 0)
  const blob = new Uint8Array(HEAD_BYTES + descriptionBytes + contentBytes + 4)
  const view = new DataView(blob.buffer)
  view.setUint32(0, blob.length - 8)
  view.setUint32(4, MAGIC)
  view.setBigUint64(8, 1n, true)
  view.setUint32(16, 0, true)
  view.setUint32(20, COOKIE, true)
  view.setUint32(24, containers.length, true)
  let at = HEAD_BYTES + descriptionBytes
  for (const [i, { key, positions }] of containers.entries()) {
    view.setUint16(HEAD_BYTES + 4 * i, key, true)
    view.setUint16(HEAD_BYTES + 4 * i + 2, positions.length - 1, true)
    // Offsets count from the cookie.
    view.setUint32(HEAD_BYTES + 4 * (containers.length + i), at - 20, true)
    writeContainer(view, at, positions)
    at += containerBytes(positions)
  }
  view.setUint32(at, crc32(blob.subarray(4, at)))
  return blob
}

type Container = { key: number; positions: Uint32Array }

function splitPositions(deleted: DeletedRows): Container[] {
  const containers: Container[] = []
  for (let from = 0; from < deleted.rowCount; from += CONTAINER_ROWS) {
    const positions = deleted.positions(from, Math.min(deleted.rowCount, from + CONTAINER_ROWS))
    if (positions.length > 0) containers.push({ key: from / CONTAINER_ROWS, positions })
  }
  return containers
}

function containerBytes({ length }: Uint32Array): number {
  return length > MAX_ARRAY_VALUES ? BITMAP_BYTES : 2 * length
}

function writeContainer(view: DataView, at: number, positions: Uint32Array): void {
  const isBitmap = positions.length > MAX_ARRAY_VALUES
  for (const [i, position] of positions.entries()) {
    const low = position % CONTAINER_ROWS
    if (isBitmap) view.setUint8(at + (low >> 3), view.getUint8(at + (low >> 3)) | (1 << (low & 7)))
    else view.setUint16(at + 2 * i, low, true)
  }
}
