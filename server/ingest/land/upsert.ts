import 'server-only'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { rowDeltaOperation } from '@/lib/iceberg/operations/row-delta'
import { branchTip } from '@/lib/iceberg/operations/snapshot-producer'
import { readLiveEntries } from '@/lib/scan/snapshot-manifests'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { dataFileStem } from '@/server/data-files/write/data-file-name'
import { type LiveDataFile, LiveDataFiles } from '@/server/table-writes/rows/live-data-files'
import { type RemovedRows, RowRemoval, soleDeletes } from '@/server/table-writes/rows/row-removal'
import { readWriteMode, type WriteMode } from '@/server/table-writes/rows/write-mode'
import { clock } from '@/server/timing/clock'
import type { Landing, LandingLoad, LandingStrategy, PlacedFile, PlannedLanding } from './landing'
import { snapshotSource } from './snapshot-source'
import { findKeyColumns, type KeyColumns, requireSameKeys } from './upsert/key-columns'
import { createKeyFilter, type KeyFilter } from './upsert/key-filter'
import { toKeyLimitError } from './upsert/key-limit-error'
import type { KeyTable } from './upsert/key-table'
import { KeyedRowReader } from './upsert/keyed-rows'
import { deletedRowsByFile } from './upsert/rows-by-file'
import { addStagedKeys } from './upsert/staged-keys'
import { deleteSuperseded, withoutSuperseded } from './upsert/superseded-rows'

/**
 * Replaces the rows whose identifier fields have the values of new rows, and adds the others. The old rows are deleted by
 * position (merge-on-read), or their files written again without them (copy-on-write), in the same snapshot.
 *
 * As Spark's `MERGE INTO` on the key (`SparkPositionDeltaWrite` with `BaseRowDelta`, `SparkWrite.CopyOnWriteOperation` with
 * `BaseOverwriteFiles`, isolation level `serializable`) and PyIceberg's `upsert`. Rows that another writer adds with a key of the load, or deletes
 * from a file that may have one, lead to a new plan on the newer table.
 */
export const upsert: LandingStrategy = {
  landsWithoutRows: false,
  onConflict: 'plan-again',
  async begin(load) {
    const keys = findKeyColumns(load.schema)
    // DuckDB is large, and other landings do not need it in this process.
    const { KeyTable } = await import('./upsert/key-table')
    const table = await KeyTable.open(path.join(load.folder, 'keys'), load.limits)
    try {
      return await Upsert.begin(load, keys, table)
    } catch (error) {
      table.close()
      throw toKeyLimitError(error)
    }
  },
}

/** One load whose keys are in the key table. */
class Upsert implements Landing {
  readonly files: readonly PlacedFile[]
  readonly supersededRowCount: number
  readonly #load: LandingLoad
  readonly #keys: KeyColumns
  readonly #table: KeyTable
  /** The superseded rows that are in files with other rows. They are deleted in the same commit. */
  #ownDeletes: readonly DataFile[] | null

  private constructor(
    load: LandingLoad,
    { keys, table, supersededRowCount }: { keys: KeyColumns; table: KeyTable; supersededRowCount: number },
    { files, ownDeletes }: { files: readonly PlacedFile[]; ownDeletes: readonly DataFile[] | null },
  ) {
    this.#load = load
    this.#keys = keys
    this.#table = table
    this.supersededRowCount = supersededRowCount
    this.files = files
    this.#ownDeletes = ownDeletes
  }

  static async begin(load: LandingLoad, keys: KeyColumns, table: KeyTable): Promise<Upsert> {
    await addStagedKeys(table, keys, load)
    const supersededByFile = await table.countByFile('superseded')
    const found = { keys, table, supersededRowCount: sum([...supersededByFile.values()]) }
    if (writeModeOf(load.start.metadata) === 'copy-on-write')
      return new Upsert(load, found, { files: await withoutSuperseded(table, load), ownDeletes: [] })
    const files = load.files.filter(({ dataFile }, i) => (supersededByFile.get(i) ?? 0) < dataFile.recordCount)
    return new Upsert(load, found, { files, ownDeletes: null })
  }

  close(): void {
    this.#table.close()
  }

  async plan(current: LoadedTable): Promise<PlannedLanding> {
    try {
      return await this.#plan(current)
    } catch (error) {
      throw toKeyLimitError(error)
    }
  }

  async #plan(current: LoadedTable): Promise<PlannedLanding> {
    const { branch, files, spec, summary, signal, journal, folder, log } = this.#load
    const { metadata, store } = current
    this.#requireSame(metadata)
    const mode = writeModeOf(metadata)
    const filter = createKeyFilter(metadata, {
      keys: this.#keys,
      spec,
      files: files.map(({ dataFile }) => dataFile),
    })
    const tip = branchTip(metadata, branch)
    const entries = await readLiveEntries({ metadata, snapshot: tip }, snapshotSource(store, signal))
    const live = new LiveDataFiles(
      { table: current, schema: currentSchema(metadata), signal },
      {
        entries: entries.filter(({ dataFile }) => dataFile.content === 'data' && filter.mightHoldKeys(dataFile)),
        deletes: entries.filter(({ dataFile }) => dataFile.content !== 'data'),
      },
    )
    const liveRowCounts = await this.#match(live)
    const { emptied, shrinking } = await this.#divide(live, liveRowCounts)
    this.#ownDeletes ??= await deleteSuperseded(this.#table, this.#load, {
      table: current,
      retained: new Set(this.files),
    })
    const removal = await RowRemoval.begin([...shrinking.values()], {
      table: current,
      mode,
      live,
      folder,
      fileStem: dataFileStem(current.identifier.table, clock.nowMs()),
      journal,
      warn: log,
      signal,
    })
    const rowCountOf = (index: number) => live.files[index]?.file.recordCount ?? 0
    for await (const { index, rows } of deletedRowsByFile(this.#table, 'replaced', rowCountOf)) {
      const file = shrinking.get(index)
      if (file) await removal.remove(file, rows)
    }
    const removed = removal.result
    const updatedRowCount = await this.#table.replacedKeyCount()
    const operation = toOperation({
      mode,
      added: [...this.files.map(({ dataFile }) => dataFile), ...this.#ownDeletes],
      emptied: emptied.flatMap(({ entry: { dataFile }, byPosition }) => [
        dataFile,
        ...soleDeletes(dataFile, byPosition),
      ]),
      removed,
      startingSnapshotId: tip?.snapshotId ?? null,
      conflictFilter: filter.toRowFilter(new Set(live.files.map(({ file }) => file.path))),
      summary,
    })
    return {
      operation: {
        ...operation,
        validate: async (base) => {
          this.#requireSame(base.metadata)
          await operation.validate(base)
        },
      },
      ownLocations: removed.added.map(({ filePath }) => filePath),
      rewrittenSizes: removed.sizes,
      counts: { updatedRowCount, insertedRowCount: (await this.#table.keyCount()) - updatedRowCount },
    }
  }

  /** @returns the number of live rows of each file */
  async #match(live: LiveDataFiles): Promise<number[]> {
    await this.#table.clearReplaced()
    const keys = new KeyedRowReader(this.#load.schema, this.#keys)
    const counts: number[] = []
    let rowCount = 0
    for (const [index, file] of live.files.entries()) {
      counts[index] = 0
      for await (const batch of live.read(file, keys.fieldIds)) {
        const rows = keys.encode(batch)
        await this.#table.match(index, rows)
        counts[index] += rows.rowCount
        rowCount += rows.rowCount
        this.#load.reportMatching({ rows: rowCount })
      }
    }
    await this.#table.finishMatching()
    return counts
  }

  /** Files whose live rows are all replaced are removed without a delete file. */
  async #divide(
    { files }: LiveDataFiles,
    liveRowCounts: readonly number[],
  ): Promise<{ emptied: LiveDataFile[]; shrinking: Map<number, LiveDataFile> }> {
    const emptied: LiveDataFile[] = []
    const shrinking = new Map<number, LiveDataFile>()
    for (const [index, count] of await this.#table.countByFile('replaced')) {
      const file = files[index]
      if (!file) throw new Error(`no file ${index} was searched`)
      if (count === liveRowCounts[index]) emptied.push(file)
      else shrinking.set(index, file)
    }
    return { emptied, shrinking }
  }

  /** @throws {AppError} commit-conflict: the run is retried from its beginning */
  #requireSame(metadata: TableMetadata): void {
    requireSameKeys(this.#keys, currentSchema(metadata))
    const { formatVersion } = this.#load.start.metadata
    if (metadata.formatVersion === formatVersion) return
    throw new AppError('commit-conflict', `The table was upgraded to format version ${metadata.formatVersion}.`, {
      facts: { formatVersion: metadata.formatVersion },
    })
  }
}

function writeModeOf(metadata: TableMetadata): WriteMode {
  return readWriteMode(metadata, ['write.merge.mode', 'write.update.mode'])
}

/** One snapshot that removes the old rows and adds the new ones. */
function toOperation({
  mode,
  added,
  emptied,
  removed,
  startingSnapshotId,
  conflictFilter,
  summary,
}: {
  mode: WriteMode
  added: readonly DataFile[]
  emptied: readonly DataFile[]
  removed: RemovedRows
  startingSnapshotId: string | null
  conflictFilter: ReturnType<KeyFilter['toRowFilter']>
  summary: LandingLoad['summary']
}): SnapshotOperation {
  const files = { added: [...added, ...removed.added], removed: [...emptied, ...removed.removed] }
  if (mode === 'copy-on-write')
    return overwriteOperation({
      ...files,
      copiesRows: true,
      validation: { startingSnapshotId, isolation: 'serializable', conflictFilter },
      summary,
    })
  return rowDeltaOperation({
    ...files,
    referencedDataFiles: removed.referencedDataFiles,
    startingSnapshotId,
    isolation: 'serializable',
    command: 'update',
    conflictFilter,
    summary,
  })
}
