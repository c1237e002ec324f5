/** Orders of the lists of files. Pages read them from the address, so this file needs no zod. */

const FILE_COLUMNS = [
  'file',
  'status',
  'content',
  'partition',
  'spec',
  'rows',
  'stored',
  'plain',
  'ratio',
  'codec',
  'sequence',
] as const
export type FileListColumn = (typeof FILE_COLUMNS)[number]

const PARTITION_COLUMNS = ['partition', 'spec', 'rows', 'files', 'stored', 'mean', 'deletes'] as const
export type PartitionListColumn = (typeof PARTITION_COLUMNS)[number]

/** `rows` sorts by the column `rows` from the smallest value, `-rows` from the largest. */
type SortOf<Column extends string> = Column | `-${Column}`
export type FileSort = SortOf<FileListColumn>
export type PartitionSort = SortOf<PartitionListColumn>

export const FILE_SORTS = sortsOf(FILE_COLUMNS)
export const PARTITION_SORTS = sortsOf(PARTITION_COLUMNS)

function sortsOf<Column extends string>(columns: readonly Column[]): SortOf<Column>[] {
  return columns.flatMap((column): SortOf<Column>[] => [column, `-${column}`])
}

/** The order that a text of the address names; null if it names none. */
export function findSort<Sort extends string>(sorts: readonly Sort[], text: string | null): Sort | null {
  return sorts.find((sort) => sort === text) ?? null
}

/** The column of an order, and its direction. */
export function parseSort<Column extends string>(sort: SortOf<Column>): { column: Column; isDescending: boolean } {
  const isDescending = sort.startsWith('-')
  return { column: (isDescending ? sort.slice(1) : sort) as Column, isDescending }
}
