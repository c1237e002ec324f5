import 'server-only'
import { closeSync, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ByteSink } from './page-queue'

/**
 * Files of this machine for threads and processes that do nothing else: they wait for the disk, and not for Node's pool
 * of threads, which takes longer than to copy bytes that the system has in memory.
 */

const BUFFER_BYTES = 1024 * 1024
/** The disk writes while the processor encodes, so making the file durable afterwards takes less time. */
const SYNC_EVERY_BYTES = 4 * 1024 * 1024

/** Reads a file while `work` runs. */
export async function withBlockingSource<T>(file: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const name = path.basename(file)
    const read = async (start: number, end: number) => readRange(descriptor, name, start, end)
    return await work({ name, byteLength: size, read })
  } finally {
    closeSync(descriptor)
  }
}

function readRange(descriptor: number, name: string, start: number, end: number): Uint8Array<ArrayBuffer> {
  // It is overwritten completely, so it needs no zeros first.
  const bytes = Buffer.allocUnsafeSlow(end - start)
  if (readSync(descriptor, bytes, 0, bytes.length, start) < bytes.length)
    throw new AppError('file-damaged', `${name} is shorter than expected`, { facts: { file: name } })
  return new Uint8Array(bytes.buffer)
}

/** Writes a new file, a mebibyte at a time. It is complete when `work` has returned. */
export async function withBlockingSink<T>(file: string, work: (sink: ByteSink) => Promise<T>): Promise<T> {
  const descriptor = openSync(file, 'wx')
  const sink = new BufferedFile(descriptor)
  try {
    const result = await work(sink)
    sink.flush()
    await sink.untilSynced()
    return result
  } finally {
    // Another file may get its number.
    await sink.untilSynced().catch(() => {})
    closeSync(descriptor)
  }
}

class BufferedFile implements ByteSink {
  readonly #descriptor: number
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #length = 0
  #unsyncedBytes = 0
  #syncing: Promise<void> | null = null

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#length + bytes.length > this.#buffer.length) this.flush()
    if (bytes.length > this.#buffer.length) return writeAll(this.#descriptor, bytes)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  flush(): void {
    writeAll(this.#descriptor, this.#buffer.subarray(0, this.#length))
    this.#unsyncedBytes += this.#length
    this.#length = 0
    if (this.#unsyncedBytes < SYNC_EVERY_BYTES || this.#syncing) return
    this.#unsyncedBytes = 0
    this.#syncing = sync(this.#descriptor)
    this.#syncing.then(
      () => (this.#syncing = null),
      // Thrown where it is awaited: the system reports an error of the disk once.
      () => {},
    )
  }

  /** Waits for the part that the disk is writing. @throws if it could not be written */
  async untilSynced(): Promise<void> {
    await this.#syncing
  }
}

const sync = promisify(fdatasync)

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}
