/**
 * Detects that a database file is no longer the one that this process has open: another file has its name, its
 * write-ahead log was removed, or a program other than SQLite overwrote it.
 *
 * The writer thread loads this file in plain Node: no path alias, no `server-only`, only erasable types.
 *
 * Spec: SQLite, *WAL-mode File Format*, section 2.1 (the WAL-index header).
 */
import { type BigIntStats, closeSync, openSync, readSync, statSync } from 'node:fs'
import { endianness } from 'node:os'

export type FileIdentity = { dev: bigint; ino: bigint }

/** The state of a watch, from which another one in the same process can continue. `index`: the open WAL-index. */
export type WatchState = { log: FileIdentity | null; index: number | null; seen: FileObservation | null }

/** Size and time of the file while no checkpoint was running, and the state of the WAL-index then. */
type FileObservation = IndexObservation & { written: string }

/** How far checkpoints have come, and the transactions since SQLite built the WAL-index. */
type IndexObservation = { checkpoint: string; changeCount: number }

/**
 * Fields of the WAL-index: `iChange`, `mxFrame` and `aSalt` in its header; `nBackfill` and `nBackfillAttempted` in the
 * checkpoint information.
 */
const CHANGE_COUNT_OFFSET = 8
const LAST_FRAME_OFFSET = 16
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
    const index = this.#readIndex()
    const stats = statFile(this.#file)
    // The file changes while a checkpoint is running, and may change after one that was killed.
    if (stats === null || index === null || index.checkpoint !== this.#readIndex()?.checkpoint) return false
    const written = `${stats.size} ${stats.mtimeNs}`
    const isOverwritten =
      this.#seen !== null && isWithoutCheckpoint(this.#seen, index) && this.#seen.written !== written
    if (isOverwritten) return true
    this.#seen = { ...index, written }
    return false
  }

  /** Null while a checkpoint is running, and while the log restarts. */
  #readIndex(): IndexObservation | null {
    this.#index ??= openSync(`${this.#file}-shm`, 'r')
    if (readSync(this.#index, this.#header, 0, INDEX_HEADER_BYTES, 0) < INDEX_HEADER_BYTES) return null
    const [salt, backfill, attempted] = [SALT, BACKFILL, BACKFILL_ATTEMPTED].map(({ offset, length }) =>
      this.#header.toString('hex', offset, offset + length),
    )
    if (backfill !== attempted || this.#isLogRestarting()) return null
    return { checkpoint: `${salt} ${backfill}`, changeCount: this.#readNumber(CHANGE_COUNT_OFFSET) }
  }

  /**
   * A restart writes the header of the empty log first. Until it has reset the rest, the new log seems to have been
   * moved into the file as far as the old one was, and a checkpoint may really come that far later.
   */
  #isLogRestarting(): boolean {
    return this.#readNumber(BACKFILL.offset) > this.#readNumber(LAST_FRAME_OFFSET)
  }

  /** The index has the byte order of the machine. */
  #readNumber(offset: number): number {
    return endianness() === 'LE' ? this.#header.readUInt32LE(offset) : this.#header.readUInt32BE(offset)
  }
}

/**
 * Whether no checkpoint ran since the earlier observation, so that the file must be unchanged. When a process is killed
 * while it writes the WAL-index, SQLite rebuilds it and counts from zero: a checkpoint then repeats the work of earlier
 * ones and stops where they did.
 */
function isWithoutCheckpoint(earlier: IndexObservation, now: IndexObservation): boolean {
  return earlier.checkpoint === now.checkpoint && earlier.changeCount <= now.changeCount
}

function statFile(file: string): BigIntStats | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false }) ?? null
}

/** Whether both are the same, existing file. */
export function isSameFile(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one !== null && other !== null && one.dev === other.dev && one.ino === other.ino
}
