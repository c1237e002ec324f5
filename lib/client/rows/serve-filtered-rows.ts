import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { DataFiles } from '@/lib/scan/data-files'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'
import { createFilteredRows, type FilteredBatch, type FilteredRows } from '@/lib/scan/filtered-rows'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { createRowBudgets, type ReadRowsOptions } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { readSparseRows } from '@/lib/scan/sort/read-sparse-rows'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ListedFile } from '@/lib/api/listed-files'
import { decodeConstants } from '@/lib/api/planned-constants'
import { OpenSorts } from './open-sorts'
import { type SerializedError, serializeError } from './serialized-error'
import type { ListedFilesPage, ReadFilter, ReadPlan, RowsReply, RowsRequest } from './row-messages'
import type { ShownValue } from '@/lib/scan/read/unreadable-cell'

/** How long a search takes before it reports its matches. */
const SEARCH_MS = 250

export type FilteredScanDeps = {
  codecs: DataFileCodecs
  open: (file: ListedFile, token: string) => ByteSource
  openDelete: (file: DeleteFile, token: string) => ByteSource
  /** Asks for the files from an index on. */
  listFiles: (fromFile: number) => Promise<ListedFilesPage>
}

type SearchedFile = ScanFile & { filePath: string; listed: ListedFile }

/** The worker's side of a scan with a filter. */
export class FilteredScanServer {
  readonly #rows: FilteredRows<SearchedFile>
  readonly #dataFiles: DataFiles
  readonly sorts: OpenSorts
  #token: string

  /** @throws {AppError} invalid-request for a filter that does not fit the fields */
  constructor(
    { fields, token, nameMapping, filter }: ReadPlan & { filter: ReadFilter },
    { codecs, open, openDelete, listFiles }: FilteredScanDeps,
  ) {
    this.#token = token
    this.sorts = new OpenSorts(fields)
    const deletes = createDeleteLoader({ open: (file) => openDelete(file, this.#token), codecs, nameMapping })
    const openFile = (file: SearchedFile) => open(file.listed, this.#token)
    this.#dataFiles = new DataFiles({ open: (file) => openFile(file as SearchedFile), deletes, codecs, nameMapping })
    this.#rows = createFilteredRows<SearchedFile>({
      predicate: bindPredicate(parsePredicateJson(parseExactJson(filter.where)), { fields }),
      fields,
      tasks: listTasks(filter.files, listFiles),
      open: (file, signal) => this.#dataFiles.open(file, signal),
      createBudget: () => createRowBudgets().reserveMemory,
      createValueBudget: () => createRowBudgets().reserveValueBytes,
      withoutDeleted: async (file, positions) => {
        const deleted = positions.length === 0 ? null : await this.#dataFiles.loadDeletes(file)
        return deleted ? positions.filter((position) => !deleted.has(position)) : positions
      },
    })
  }

  renew(token: string): void {
    this.#token = token
  }

  async search({ id, maxBytes }: RowsRequest & { kind: 'search' }, signal: AbortSignal): Promise<RowsReply> {
    const startedAt = performance.now()
    const mayContinue = () =>
      !this.#rows.progress().isComplete &&
      performance.now() - startedAt < SEARCH_MS &&
      this.#dataFiles.cost().bytesRead < maxBytes
    let problem: SerializedError | null = null
    try {
      while (mayContinue()) await this.#rows.searchNext(signal)
    } catch (error) {
      // Earlier matches are shown all the same.
      problem = serializeError(error)
    }
    const elapsedMs = performance.now() - startedAt
    return { kind: 'searched', id, progress: this.#rows.progress(), problem, cost: this.#dataFiles.cost(), elapsedMs }
  }

  async readMatches(
    { id, firstRow, lastRow, fieldIds, rows }: RowsRequest & { kind: 'matches' },
    signal: AbortSignal,
  ): Promise<RowsReply> {
    const startedAt = performance.now()
    const batch = rows
      ? await this.#readSparse(rows, fieldIds, signal)
      : await this.#rows.readShownRows({ firstRow, lastRow, fieldIds, signal })
    const sources = batch.sources.map(({ file, ...range }) => ({ ...range, file: file.listed }))
    const elapsedMs = performance.now() - startedAt
    return { kind: 'matches', id, batch: { ...batch, sources }, cost: this.#dataFiles.cost(), elapsedMs }
  }

  async addSortKeys(request: RowsRequest & { kind: 'sort-keys' }, signal: AbortSignal): Promise<RowsReply> {
    await this.sorts.addRows(request, (options) => this.#rows.readRows(options), signal)
    return { kind: 'keys-added', id: request.id, cost: this.#dataFiles.cost() }
  }

  /** Reads matching rows anywhere among them, with the sources of the rows that were read around them. */
  async #readSparse(
    rows: readonly number[],
    fieldIds: readonly number[],
    signal: AbortSignal,
  ): Promise<FilteredBatch<SearchedFile, ShownValue>> {
    const sources: FilteredBatch<SearchedFile>['sources'][number][] = []
    const readRows = async (options: ReadRowsOptions) => {
      const batch = await this.#rows.readShownRows(options)
      sources.push(...batch.sources)
      return batch
    }
    return { ...(await readSparseRows(readRows, rows, fieldIds, signal)), sources }
  }
}

/** A page that cannot be listed is requested again by the next call, so that no files are left out. */
function listTasks(first: ListedFilesPage, listFiles: FilteredScanDeps['listFiles']): AsyncIterable<SearchedFile> {
  let { files, nextFile } = first
  let next = 0
  const iterator: AsyncIterator<SearchedFile> = {
    next: async () => {
      while (next === files.length) {
        if (nextFile === null) return { done: true, value: undefined }
        ;({ files, nextFile } = await listFiles(nextFile))
        next = 0
      }
      const listed = files[next++]
      if (!listed) throw new Error('a page of files has fewer than it says')
      return { done: false, value: { ...listed, constants: decodeConstants(listed), filePath: listed.path, listed } }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
