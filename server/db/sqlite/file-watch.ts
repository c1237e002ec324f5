/**
 * Notices that a database file is not the one any more that this process has open: another file has its name, its
 * write-ahead log was taken away, or a program that is not SQLite wrote over it.
 *
 * The writer thread loads this file in plain Node: no path alias, no `server-only`, only erasable types.
 *
 * Spec: SQLite, *WAL-mode File Format*, section 2.1 (the WAL-index header).
 */
import { type BigIntStats, closeSync, openSync, readSync, statSync } from 'node:fs'

export type FileIdentity = { dev: bigint; ino: bigint }

/** What a watch saw, for another one of the same process to go on from. `index`: the open WAL-index. */
export type WatchState = { log: FileIdentity | null; index: number | null; seen: FileObservation | null }

/** The file's size and time when no checkpoint was under way, and how far checkpoints had come by then. */
type FileObservation = { written: string; checkpoint: string }

/** Of the WAL-index: `aSalt` of its header; `nBackfill` and `nBackfillAttempted` of the checkpoint information. */
const SALT = { offset: 32, length: 8 }
const BACKFILL = { offset: 96, length: 4 }
const BACKFILL_ATTEMPTED = { offset: 128, length: 4 }
const INDEX_HEADER_BYTES = 136

/** Null where there is no such file. */
export function readFileIdentity(file: string): FileIdentity | null {
  const stats = statFile(file)
  return stats && { dev: stats.dev, ino: stats.ino }
}

export class FileWatch {
  readonly #file: string
  readonly #identity: FileIdentity | null
  /** Of the write-ahead log, which stays the same file as long as any connection is open. */
  #log: FileIdentity | null
  #index: number | null
  #seen: FileObservation | null
  readonly #header = Buffer.alloc(INDEX_HEADER_BYTES)

  /** @param identity of the file as the process opened it */
  constructor(file: string, identity: FileIdentity | null, initial: WatchState | null = null) {
    this.#file = file
    this.#identity = identity
    this.#log = initial?.log ?? null
    this.#index = initial?.index ?? null
    this.#seen = initial?.seen ?? null
  }

  get state(): WatchState {
    return { log: this.#log, index: this.#index, seen: this.#seen }
  }

  /**
   * Call it while the process has the file open, and within each transaction that writes. The more often it is called,
   * the less it misses: between two calls, a checkpoint explains any change of the file.
   *
   * @returns whether another file has its name, its log was taken away, or a program that is not SQLite wrote over it
   */
  isReplaced(): boolean {
    const log = statFile(`${this.#file}-wal`)
    this.#log ??= log
    if (!isSameFile(readFileIdentity(this.#file), this.#identity) || !isSameFile(log, this.#log)) return true
    return this.#detectOverwrite()
  }

  /** Call it after a commit: it may have begun the log again, which changes how far checkpoints have come. */
  noteCommit(): void {
    this.#detectOverwrite()
  }

  /**
   * Call it when this process has closed the database, not before: where a process closes the WAL-index, the operating
   * system releases the locks that SQLite holds on it for all connections of the process.
   */
  close(): void {
    if (this.#index !== null) closeSync(this.#index)
    this.#index = null
  }

  #detectOverwrite(): boolean {
    const before = this.#readCheckpoint()
    const stats = statFile(this.#file)
    // While a checkpoint is under way the file changes, and so it may after one that was killed.
    if (stats === null || before === null || before !== this.#readCheckpoint()) return false
    const written = `${stats.size} ${stats.mtimeNs}`
    if (this.#seen?.checkpoint === before && this.#seen.written !== written) return true
    this.#seen = { written, checkpoint: before }
    return false
  }

  /** How far checkpoints have come: only they change the file. Null while one is under way. */
  #readCheckpoint(): string | null {
    this.#index ??= openSync(`${this.#file}-shm`, 'r')
    if (readSync(this.#index, this.#header, 0, INDEX_HEADER_BYTES, 0) < INDEX_HEADER_BYTES) return null
    const [salt, backfill, attempted] = [SALT, BACKFILL, BACKFILL_ATTEMPTED].map(({ offset, length }) =>
      this.#header.toString('hex', offset, offset + length),
    )
    return backfill === attempted ? `${salt} ${backfill}` : null
  }
}

function statFile(file: string): BigIntStats | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false }) ?? null
}

/** Whether both are one file, which is there. */
export function isSameFile(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one !== null && other !== null && one.dev === other.dev && one.ino === other.ino
}
