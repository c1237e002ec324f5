import 'server-only'
import pMap from 'p-map'
import { formatQuantity } from '@/lib/format/count'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { isOwnFile } from '@/server/catalog/folders/is-own-file'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import type { RunContext } from '@/server/jobs/run-kind'
import type { ObjectStore } from '@/server/storage/object-store'
import type { CommitWatch } from './commit-watch'
import type { RemovalCounts } from './removal-journal'

const BATCH_SIZE = 500
const CONCURRENCY = 8
/** More are counted, and not named. */
const MAX_NAMED_FILES = 20

type RemovableFile = { location: string; sizeBytes: number; isData: boolean }

type RemoverDeps = {
  store: ObjectStore
  /** The folders that are the table's own. */
  folders: readonly string[]
  /** Tables that share one of the folders. */
  others: readonly LoadedTable[]
  watch: CommitWatch
  /** Awaited before files are removed. */
  begin: () => Promise<void>
  context: Pick<RunContext<'remove-expired-files'>, 'signal' | 'log' | 'report'>
}

/** Removes files in batches, each after a check for new commits. */
export class FileRemover {
  readonly #deps: RemoverDeps
  readonly #otherFolders: readonly string[]
  #pending: RemovableFile[] = []
  counts: RemovalCounts

  constructor(deps: RemoverDeps, counts: RemovalCounts) {
    this.#deps = deps
    this.#otherFolders = deps.others.flatMap(({ metadata }) => tableFolders(metadata))
    this.counts = counts
  }

  async remove(file: RemovableFile): Promise<void> {
    const { store, folders } = this.#deps
    if (!isOwnFile(file.location, { store, folders, otherFolders: this.#otherFolders })) {
      this.#leave(file.location)
      return
    }
    this.#pending.push(file)
    if (this.#pending.length >= BATCH_SIZE) await this.flush()
  }

  async flush(): Promise<void> {
    const { store, watch, begin, context } = this.#deps
    const batch = this.#pending
    this.#pending = []
    if (batch.length === 0) return
    context.signal.throwIfAborted()
    await watch.refresh()
    const files = batch.filter(({ location }) => !watch.isReached(location))
    if (files.length < batch.length)
      context.log(
        `${formatQuantity(batch.length - files.length, 'file')} stay, because a later commit names them.`,
        'warning',
      )
    await begin()
    await pMap(files, ({ location }) => store.remove(location), { concurrency: CONCURRENCY })
    for (const { sizeBytes, isData } of files) {
      this.counts = {
        ...this.counts,
        filesRemoved: this.counts.filesRemoved + 1,
        dataFilesRemoved: this.counts.dataFilesRemoved + Number(isData),
        bytesRemoved: this.counts.bytesRemoved + sizeBytes,
      }
    }
    this.#report()
  }

  #leave(location: string): void {
    const { log } = this.#deps.context
    if (this.counts.filesRetained < MAX_NAMED_FILES) log(`Left, outside the table’s folders: ${location}`, 'warning')
    this.counts = { ...this.counts, filesRetained: this.counts.filesRetained + 1 }
  }

  #report(): void {
    const { filesRemoved, dataFilesRemoved, filesRetained } = this.counts
    this.#deps.context.report({
      phase: 'removing',
      done: filesRemoved,
      total: null,
      unit: 'files',
      counters: { dataFilesRemoved, filesRetained },
    })
  }
}
