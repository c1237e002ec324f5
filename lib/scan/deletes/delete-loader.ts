import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DECODE_LIMITS, toMebibytes } from '@/lib/parquet/decode-limits'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { AsyncCache } from '../async-cache'
import type { ChunkPages } from '../chunk-pages'
import { CountedSource, type ReadTally } from '../counted-source'
import { fetchGroup, type OpenDataFile, openDataFile } from '../read/data-file'
import type { DataFileCodecs } from '../read/file-facts'
import type { Vector } from '../read/vector'
import { type DeleteFile, unreadableDeletesError } from './delete-file'
import { DeletedRows } from './deleted-rows'
import { DamagedDeletionVector, readDeletionVector } from './deletion-vector'
import { DeletedKeys, toEqualityColumn } from './equality-deletes'
import {
  mightNameFile,
  POSITION_DELETE_FIELDS,
  PositionCollector,
  type PositionsByPath,
  positionsMemoryBytes,
} from './position-deletes'
import { createBudget } from '../read/create-budget'

/** A data file with the delete files that apply to it. */
export type FilteredFile<File extends DeleteFile = DeleteFile> = {
  /** As the table's manifests have it, which position delete files name. */
  path: string
  recordCount: number
  deletes: readonly File[]
}

/** The rows of a data file that one delete file deletes. */
export type DeletedByFile<File extends DeleteFile = DeleteFile> = { deleteFile: File; rows: DeletedRows }

/** Finds the deleted rows of data files. Delete files are read once, also if they apply to many data files. */
export type DeleteLoader<File extends DeleteFile = DeleteFile> = {
  /**
   * @param openData opens the data file, whose columns equality deletes compare
   * @throws {AppError} file-missing, file-damaged, not-supported, too-large, naming the file
   */
  load(file: FilteredFile<File>, openData: () => Promise<OpenDataFile>, signal?: AbortSignal): Promise<DeletedRows>
  /**
   * The deleted rows of each delete file separately, in their order. A row may be deleted by several. Position delete
   * files that a deletion vector replaces delete no rows. Throws as {@link load}.
   */
  loadEach(
    file: FilteredFile<File>,
    openData: () => Promise<OpenDataFile>,
    signal?: AbortSignal,
  ): Promise<readonly DeletedByFile<File>[]>
  /** Bytes read of delete files, and of data files for the columns that equality deletes compare. */
  readonly tally: Readonly<ReadTally>
}

export type DeleteLimits = {
  /** Memory for the deletes of one data file. */
  deletesBytes: number
  /** The limit for each of the caches: positions, keys, and deleted rows by data file. */
  cacheBytes: number
}

const DEFAULT_LIMITS: DeleteLimits = { deletesBytes: 256 * 1024 * 1024, cacheBytes: 64 * 1024 * 1024 }
const MAX_FILE_ROWS = 2 ** 30
const MAX_VECTOR_BYTES = 64 * 1024 * 1024
const MAX_PARALLEL_FILES = 4
const TAIL_BYTES = 16 * 1024
const BATCH_ROWS = 65_536
const OPEN_FILE_BYTES = 64 * 1024

export function createDeleteLoader<File extends DeleteFile>({
  open,
  codecs,
  nameMapping = null,
  limits = {},
}: {
  open: (file: File) => ByteSource
  codecs: DataFileCodecs
  /** For equality delete files written without field ids. */
  nameMapping?: NameMapping | null
  limits?: Partial<DeleteLimits>
}): DeleteLoader<File> {
  return new CachingDeleteLoader(open, codecs, nameMapping, { ...DEFAULT_LIMITS, ...limits })
}

class CachingDeleteLoader<File extends DeleteFile> implements DeleteLoader<File> {
  readonly tally: ReadTally = { bytesRead: 0, requests: 0 }
  readonly #open: (file: File) => ByteSource
  readonly #codecs: DataFileCodecs
  readonly #nameMapping: NameMapping | null
  readonly #limits: DeleteLimits
  readonly #openFiles: AsyncCache<OpenDataFile>
  readonly #positions: AsyncCache<PositionsByPath>
  readonly #keys: AsyncCache<DeletedKeys>
  readonly #deletedRows: AsyncCache<DeletedRows>
  readonly #deletedByFile: AsyncCache<readonly DeletedByFile<File>[]>

  constructor(
    open: (file: File) => ByteSource,
    codecs: DataFileCodecs,
    nameMapping: NameMapping | null,
    limits: DeleteLimits,
  ) {
    this.#open = open
    this.#codecs = codecs
    this.#nameMapping = nameMapping
    this.#limits = limits
    this.#openFiles = new AsyncCache(limits.cacheBytes, () => OPEN_FILE_BYTES)
    this.#positions = new AsyncCache(limits.cacheBytes, positionsMemoryBytes)
    this.#keys = new AsyncCache(limits.cacheBytes, ({ memoryBytes }) => memoryBytes)
    this.#deletedRows = new AsyncCache(limits.cacheBytes, ({ memoryBytes }) => memoryBytes)
    this.#deletedByFile = new AsyncCache(limits.cacheBytes, (parts) =>
      parts.reduce((sum, { rows }) => sum + rows.memoryBytes, 0),
    )
  }

  // Loading is not cancelled with a caller, because others wait for the same result.
  async load(
    file: FilteredFile<File>,
    openData: () => Promise<OpenDataFile>,
    signal?: AbortSignal,
  ): Promise<DeletedRows> {
    signal?.throwIfAborted()
    const deleted = await this.#deletedRows.get(cacheKey(file), () => this.#read(file, openData))
    signal?.throwIfAborted()
    return deleted
  }

  async loadEach(
    file: FilteredFile<File>,
    openData: () => Promise<OpenDataFile>,
    signal?: AbortSignal,
  ): Promise<readonly DeletedByFile<File>[]> {
    signal?.throwIfAborted()
    const parts = await this.#deletedByFile.get(cacheKey(file), () => this.#readEach(file, openData))
    signal?.throwIfAborted()
    return parts
  }

  async #read(file: FilteredFile<File>, openData: () => Promise<OpenDataFile>): Promise<DeletedRows> {
    const { vector, byPosition, byKey } = sortByKind(file)
    const deleted = vector ? await this.#readVector(vector, file) : new DeletedRows(file.recordCount)
    await this.#addPositions(
      file,
      byPosition.map((deleteFile) => ({ deleteFile, rows: deleted })),
    )
    const reserveKeys = createDeletesBudget(this.#limits.deletesBytes)
    for (const [first, ...others] of groupByColumns(byKey)) {
      const keys = await this.#unionKeys([first, ...others], reserveKeys)
      await this.#addDeletedKeys(file, first, [{ keys, rows: deleted }], openData)
    }
    return deleted
  }

  async #readEach(
    file: FilteredFile<File>,
    openData: () => Promise<OpenDataFile>,
  ): Promise<readonly DeletedByFile<File>[]> {
    const { vector, byPosition, byKey } = sortByKind(file)
    const reserveMemory = createDeletesBudget(this.#limits.deletesBytes)
    const toPart = (deleteFile: File) => {
      reserveMemory(Math.ceil(file.recordCount / 8))
      return { deleteFile, rows: new DeletedRows(file.recordCount) }
    }
    const positions = byPosition.map(toPart)
    await this.#addPositions(file, positions)
    const keys: DeletedByFile<File>[] = []
    for (const group of groupByColumns(byKey)) {
      const parts = group.map(toPart)
      const compared = await pMap(
        parts,
        async ({ deleteFile, rows }) => ({ keys: await this.#readKeys(deleteFile), rows }),
        { concurrency: MAX_PARALLEL_FILES },
      )
      await this.#addDeletedKeys(file, group[0], compared, openData)
      keys.push(...parts)
    }
    const byVector = vector ? [{ deleteFile: vector, rows: await this.#readVector(vector, file) }] : []
    return [...byVector, ...positions, ...keys]
  }

  async #addPositions({ path }: FilteredFile, parts: readonly DeletedByFile<File>[]): Promise<void> {
    const pathBytes = new TextEncoder().encode(path)
    await pMap(
      parts,
      ({ deleteFile, rows }) =>
        withFileName(deleteFile.path, async () => {
          for (const positions of await this.#readPositions(deleteFile, pathBytes)) {
            for (const position of positions.get(path) ?? []) rows.add(position)
          }
        }),
      { concurrency: MAX_PARALLEL_FILES },
    )
  }

  async #readVector(vector: File, { path, recordCount }: FilteredFile): Promise<DeletedRows> {
    const { contentOffset: start, contentSizeBytes: size, referencedDataFile } = vector
    return await withFileName(vector.path, async () => {
      if (referencedDataFile !== path) {
        throw new DamagedParquet(`its deletion vector is of ${referencedDataFile ?? 'no data file'}, not of ${path}`)
      }
      if (start === null || size === null || start < 0 || size < 0) {
        throw new DamagedParquet('its manifest does not say where the deletion vector is')
      }
      if (size > MAX_VECTOR_BYTES) {
        throw new OversizedParquet(`its deletion vector is longer than ${toMebibytes(MAX_VECTOR_BYTES)}`)
      }
      const blob = await new CountedSource(this.#open(vector), this.tally).read(start, start + size)
      try {
        const deleted = readDeletionVector(blob, recordCount)
        if (deleted.count === vector.recordCount) return deleted
        throw new DamagedDeletionVector(`it deletes ${deleted.count} rows, but its manifest says ${vector.recordCount}`)
      } catch (cause) {
        if (!(cause instanceof DamagedDeletionVector)) throw cause
        throw new DamagedParquet(`the deletion vector of ${path} is damaged: ${cause.message}`, { cause })
      }
    })
  }

  /** The positions in the row groups that may name the file. */
  async #readPositions(file: File, path: Uint8Array): Promise<PositionsByPath[]> {
    const openedFile = await this.#openDeleteFile(file)
    const groups = [...openedFile.rowGroups.keys()].filter((index) => mightNameFile(openedFile, index, path))
    const found: PositionsByPath[] = []
    for (const index of groups) {
      found.push(
        await this.#positions.get(`${index} ${file.path}`, async () => {
          const reserveMemory = createDeletesBudget(this.#limits.deletesBytes)
          const collector = new PositionCollector()
          await forEachBatch(openedFile, index, POSITION_DELETE_FIELDS, reserveMemory, (vectors, _from, rowCount) => {
            reserveMemory(12 * rowCount)
            collector.add(vectors, rowCount)
          })
          return collector.finish()
        }),
      )
    }
    return found
  }

  /** Compares the rows of a data file with deleted keys, all of the same columns, in one pass. */
  async #addDeletedKeys(
    { path }: FilteredFile,
    { equalityFields }: File,
    parts: readonly { keys: DeletedKeys; rows: DeletedRows }[],
    openData: () => Promise<OpenDataFile>,
  ): Promise<void> {
    const compared = parts.filter(({ keys }) => keys.size > 0)
    if (compared.length === 0) return
    await withFileName(path, async () => {
      const opened = await openData()
      const data = { ...opened, source: opened.source.withTally(this.tally) }
      for (const [index, group] of data.rowGroups.entries()) {
        const reserveMemory = createDeletesBudget(DECODE_LIMITS.decodedBytes)
        await forEachBatch(data, index, equalityFields, reserveMemory, (vectors, from, rowCount) => {
          for (const { keys, rows } of compared) {
            const isDeleted = keys.createTest(vectors)
            for (let row = 0; row < rowCount; row++) if (isDeleted(row)) rows.add(group.firstRow + from + row)
          }
        })
      }
    })
  }

  async #unionKeys(files: readonly [File, ...File[]], reserveMemory: (bytes: number) => void): Promise<DeletedKeys> {
    const parts = await pMap(files, (file) => this.#readKeys(file), { concurrency: MAX_PARALLEL_FILES })
    const [only] = parts
    if (parts.length === 1 && only) return only
    const union = createKeys(files[0])
    await withFileName(files[0].path, () => {
      for (const part of parts) union.addAll(part, reserveMemory)
    })
    return union
  }

  #readKeys(file: File): Promise<DeletedKeys> {
    const key = `${file.equalityIds.join()} ${file.path}`
    return this.#keys.get(key, () =>
      withFileName(file.path, async () => {
        const openedFile = await this.#openDeleteFile(file)
        const keys = createKeys(file)
        const reserveKeys = createDeletesBudget(this.#limits.deletesBytes)
        for (const index of openedFile.rowGroups.keys()) {
          const reserveMemory = createDeletesBudget(DECODE_LIMITS.decodedBytes)
          await forEachBatch(openedFile, index, file.equalityFields, reserveMemory, (vectors, _from, rowCount) =>
            keys.add(vectors, rowCount, reserveKeys),
          )
        }
        return keys
      }),
    )
  }

  #openDeleteFile(file: File): Promise<OpenDataFile> {
    if (file.format !== 'parquet' && file.format !== 'avro') throw unreadableDeletesError(file.path, file.format)
    return this.#openFiles.get(file.path, () =>
      openDataFile(
        this.#open(file),
        {
          fileFormat: file.format,
          recordCount: file.recordCount,
          constants: new Map(),
          nameMapping: this.#nameMapping,
        },
        { codecs: this.#codecs, tally: this.tally, tailBytes: Math.min(TAIL_BYTES, file.fileSizeBytes) },
      ),
    )
  }
}

function cacheKey({ path, deletes }: FilteredFile): string {
  return [path, ...deletes.map((each) => `${each.contentOffset ?? ''} ${each.path}`)].join('\n')
}

/** @throws {AppError} too-large, file-damaged */
function sortByKind<File extends DeleteFile>({ path, recordCount, deletes }: FilteredFile<File>) {
  if (recordCount > MAX_FILE_ROWS) {
    throw new AppError('too-large', `${path} has ${recordCount} rows, too many to apply deletes to.`, {
      facts: { file: path },
    })
  }
  const [vector, ...others] = deletes.filter(({ format }) => format === 'puffin')
  if (others.length > 0) throw damagedError(path, `has ${others.length + 1} deletion vectors, but may have only one`)
  return {
    vector,
    // A deletion vector replaces position delete files.
    byPosition: vector ? [] : deletes.filter(({ content }) => content === 'position-deletes'),
    byKey: deletes.filter(({ content }) => content === 'equality-deletes'),
  }
}

function createKeys({ equalityIds, equalityFields, path }: DeleteFile): DeletedKeys {
  return new DeletedKeys(
    equalityIds.map((id, i) => {
      const field = equalityFields[i]
      const column = field && toEqualityColumn([field], id)
      if (column) return column
      throw damagedError(path, `deletes rows by the column with the id ${id}, which the table never had`)
    }),
  )
}

/** Files that compare the same columns. */
function groupByColumns<File extends DeleteFile>(files: readonly File[]): [File, ...File[]][] {
  const groups = new Map<string, [File, ...File[]]>()
  for (const file of files) {
    const key = file.equalityIds.join()
    const group = groups.get(key)
    if (group) group.push(file)
    else groups.set(key, [file])
  }
  return [...groups.values()]
}

/** Reads columns of a row group, some rows at a time. */
export async function forEachBatch(
  file: OpenDataFile,
  groupIndex: number,
  fields: readonly NestedField[],
  reserveMemory: (bytes: number) => void,
  visit: (vectors: readonly Vector[], from: number, rowCount: number) => void,
): Promise<void> {
  const rowCount = file.rowGroups[groupIndex]?.rowCount ?? 0
  const chunks = new Map<number, ChunkPages>()
  const read = await fetchGroup(file, groupIndex, {
    from: 0,
    to: rowCount,
    fields,
    chunks,
    readsWhole: true,
    reserveMemory,
  })
  for (let from = 0; from < rowCount; from += BATCH_ROWS) {
    const to = Math.min(rowCount, from + BATCH_ROWS)
    visit(read(from, to, createDeletesBudget(DECODE_LIMITS.decodedBytes)), from, to - from)
    for (const chunk of chunks.values()) chunk.releaseBefore(to)
  }
}

export function createDeletesBudget(limitBytes: number): ReserveMemory {
  return createBudget(limitBytes, (limit) => `its deletes take more than ${limit} of memory`)
}

function damagedError(file: string, problem: string): AppError {
  return new AppError('file-damaged', `${file} ${problem}.`, { facts: { file } })
}
