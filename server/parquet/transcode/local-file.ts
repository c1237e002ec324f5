import 'server-only'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ByteSink } from './page-queue'
import { readAhead } from './read-ahead'

const BUFFER_BYTES = 1024 * 1024
const MIN_BUFFER_BYTES = 64 * 1024

/** Reads a file of this machine while `work` runs. */
export async function withFileSource<T>(file: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const name = path.basename(file)
    const read = (start: number, end: number) => readRange(handle, name, start, end)
    return await work(readAhead({ name, byteLength: size, read }))
  } finally {
    await handle.close()
  }
}

async function readRange(
  handle: FileHandle,
  name: string,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // It is overwritten completely, so it needs no zeros first.
  const bytes = Buffer.allocUnsafeSlow(end - start)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
  if (bytesRead < bytes.length) {
    throw new AppError('file-damaged', `${name} is shorter than expected`, { facts: { file: name } })
  }
  return new Uint8Array(bytes.buffer)
}

/**
 * Writes a new file of this machine, a mebibyte at a time. It is complete when `work` has returned.
 *
 * @param expectedBytes about as many as are written: a small file does not cost the memory of a large one
 */
export async function withFileSink<T>(
  file: string,
  work: (sink: ByteSink) => Promise<T>,
  expectedBytes = BUFFER_BYTES,
): Promise<T> {
  const handle = await open(file, 'wx')
  try {
    const sink = new BufferedFile(handle, Math.min(BUFFER_BYTES, Math.max(MIN_BUFFER_BYTES, expectedBytes)))
    const result = await work(sink)
    await sink.flush()
    return result
  } finally {
    await handle.close()
  }
}

class BufferedFile implements ByteSink {
  readonly #handle: FileHandle
  readonly #buffer: Buffer
  #length = 0

  constructor(handle: FileHandle, bufferBytes: number) {
    this.#handle = handle
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes)
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#length + bytes.length > this.#buffer.length) await this.flush()
    if (bytes.length > this.#buffer.length) return await writeAll(this.#handle, bytes)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  async flush(): Promise<void> {
    await writeAll(this.#handle, this.#buffer.subarray(0, this.#length))
    this.#length = 0
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
}
