import type { NestedField } from '@/lib/iceberg/schema/types'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { OpenDataFile } from '../read/data-file'
import { bytesAt } from '../read/to-table-type'
import { isValid, type Vector } from '../read/vector'
import { compareBytes } from '@/lib/compare-bytes'
import { mightBoundPath, toPathBounds } from './path-bounds'

/** Spec: Iceberg table spec, *Reserved Field IDs* and *Position Delete Files*. */
export const DELETE_FILE_PATH_ID = 2_147_483_546
export const DELETE_POSITION_ID = 2_147_483_545
export const POSITION_DELETE_FIELDS: readonly NestedField[] = [
  { id: DELETE_FILE_PATH_ID, name: 'file_path', required: true, type: 'string' },
  { id: DELETE_POSITION_ID, name: 'pos', required: true, type: 'long' },
]

/** Deleted positions by the path of their data file. */
export type PositionsByPath = ReadonlyMap<string, Uint32Array>

const MAP_ENTRY_BYTES = 200

export function positionsMemoryBytes(positions: PositionsByPath): number {
  let bytes = 0
  for (const [path, list] of positions) bytes += MAP_ENTRY_BYTES + 2 * path.length + list.byteLength
  return bytes
}

/**
 * Whether a row group may name the data file, by the bounds of its paths. Rows of Avro have no bounds, and bounds in an
 * order that the file does not define exclude nothing.
 */
export function mightNameFile(file: OpenDataFile, groupIndex: number, path: Uint8Array): boolean {
  if (file.format === 'avro') return true
  const leaf = file.footer.leaves.findIndex((node) => file.fieldIdOf(node) === DELETE_FILE_PATH_ID)
  const statistics = file.rowGroups[groupIndex]?.columns[leaf]?.statistics
  if (!statistics || file.footer.hasTypeOrder[leaf] !== true) return true
  return mightBoundPath(toPathBounds(statistics.min, statistics.max), path)
}

/**
 * Adds the deletes of some rows of a position delete file.
 *
 * @param vectors of {@link POSITION_DELETE_FIELDS}
 * @throws {DamagedParquet} for a row without a path or a position
 */
export class PositionCollector {
  readonly #positions = new Map<string, number[]>()
  readonly #decoder = new TextDecoder()

  add([paths, positions]: readonly Vector[], rowCount: number): void {
    if (positions?.kind !== 'int64' || (paths?.kind !== 'dictionary' && paths?.kind !== 'bytes')) {
      if (rowCount === 0) return
      throw new DamagedParquet('it has no columns of paths and positions')
    }
    const names = new Map<number, number[]>()
    let last: { bytes: Uint8Array; list: number[] } | null = null
    for (let row = 0; row < rowCount; row++) {
      if (!isValid(paths.validity, row) || !isValid(positions.validity, row)) {
        throw new DamagedParquet('a row has no path or no position')
      }
      let list: number[]
      if (paths.kind === 'dictionary') {
        const index = paths.indexes[row] ?? 0
        list = names.get(index) ?? this.#listOf(bytesAt(paths, row))
        names.set(index, list)
      } else {
        const bytes = bytesAt(paths, row)
        // Rows are sorted by path, so it is mostly the one before.
        list = last !== null && compareBytes(last.bytes, bytes) === 0 ? last.list : this.#listOf(bytes)
        last = { bytes, list }
      }
      const position = positions.data[row] ?? 0n
      // No data file that is read here has a row beyond.
      if (position >= 0n && position < 2n ** 32n) list.push(Number(position))
    }
  }

  finish(): PositionsByPath {
    return new Map([...this.#positions].map(([path, list]) => [path, Uint32Array.from(list)]))
  }

  #listOf(path: Uint8Array): number[] {
    const name = this.#decoder.decode(path)
    const known = this.#positions.get(name)
    if (known) return known
    const list: number[] = []
    this.#positions.set(name, list)
    return list
  }
}
