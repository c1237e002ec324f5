import 'server-only'
import { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { KeyTable } from './key-table'

/**
 * The superseded or replaced rows, one file after another.
 *
 * @param rowCountOf the number of rows of a file, by its index in the key table
 */
export async function* deletedRowsByFile(
  keys: KeyTable,
  rows: 'superseded' | 'replaced',
  rowCountOf: (index: number) => number,
): AsyncGenerator<{ index: number; rows: DeletedRows }, void> {
  let [current, deleted] = [-1, new DeletedRows(0)]
  for await (const { file: index, positions } of keys.rowsByFile(rows)) {
    if (index !== current) {
      if (current >= 0) yield { index: current, rows: deleted }
      current = index
      deleted = new DeletedRows(rowCountOf(index))
    }
    for (const position of positions) deleted.add(position)
  }
  if (current >= 0) yield { index: current, rows: deleted }
}
