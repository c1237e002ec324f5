/**
 * Detects that a database file is no longer the one that this process has open: another file has its name, its
 * write-ahead log was removed, or a program other than SQLite overwrote it.
 *
 * The writer thread loads this file in plain Node: no path alias, no `server-only`, only erasable types.
 *
 * Spec: SQLite, *WAL-mode File Format*, section 2.1 (the WAL-index header).
 */
import { type BigIntStats, closeSync, openSync, readSync, statSync } from 'node:fs'

export type FileIdentity = { dev: bigint; ino: bigint }

/** The state of a watch, from which another one in the same process can continue. `index`: the open WAL-index. */
export type WatchState = { log: FileIdentity | null; index: number | null; seen: FileObservation | null }

/** Size and time of the file while no checkpoint was running, and how far checkpoints had come by then. */
type FileObservation = { written: string; checkpoint: string }

/**
 * Fields of the WAL-index: `aSalt` in its header; `nBackfill` and `nBackfillAttempted` in the checkpoint information.
 */
const SALT = { offset: 32, length: 8 }
const BACKFILL = { offset: 96, length: 4 }
const BACKFILL_ATTEMPTED = { offset: 128, length: 4 }
const INDEX_HEADER_BYTES = 136

/** Null when the file does not exist. */
export function readFileIdentity(file: string): FileIdentity | null {
  const stats = statFile(file)
  return stats && { dev: stats.dev, ino: stats.ino }
}

export class FileWatch {
  readonly #file: string
  readonly #identity: FileIdentity | null
  /** The write-ahead log, which stays the same file while any connection is open. */
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
   * Call this while the process has the file open, and within each transaction that writes. Frequent calls detect more:
   * between two calls, a checkpoint explains any change of the file.
   *
   * @returns whether another file has its name, its log was removed, or a program other than SQLite overwrote it
   */
  isReplaced(): boolean {
    const log = statFile(`${this.#file}-wal`)
    this.#log ??= log
    if (!isSameFile(readFileIdentity(this.#file), this.#identity) || !isSameFile(log, this.#log)) return true
    return this.#detectOverwrite()
  }

  /** Call this after a commit: it may have restarted the log, which changes how far checkpoints have come. */
  noteCommit(): void {
    this.#detectOverwrite()
  }

  /**
   * Call this after this process has closed the database, not before: when a process closes the WAL-index, the
   * operating system releases the locks that SQLite holds on it for all connections of the process.
   */
  close(): void {
    if (this.#index !== null) closeSync(this.#index)
    this.#index = null
  }

  #detectOverwrite(): boolean {
    const before = this.#readCheckpoint()
    const stats = statFile(this.#file)
    // The file changes while a checkpoint is running, and may change after one that was killed.
    if (stats === null || before === null || before !== this.#readCheckpoint()) return false
    const written = `${stats.size} ${stats.mtimeNs}`
    if (this.#seen?.checkpoint === before && this.#seen.written !== written) return true
    this.#seen = { written, checkpoint: before }
    return false
  }

  /** How far checkpoints have come: only they change the file. Null while one is running. */
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

/** Whether both are the same, existing file. */
export function isSameFile(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one !== null && other !== null && one.dev === other.dev && one.ino === other.ino
}
