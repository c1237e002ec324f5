import 'server-only'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { hasErrorCode } from '@/server/error-code'
import type { ObjectStore } from '@/server/storage/object-store'

/** A file in a store. */
export type StoredFile = { store: ObjectStore; location: string }

type CopyOptions = {
  /** A free path on the disk of the worker, for a copy that passes through here. */
  stagingPath: string
  signal: AbortSignal
  onBytes: (count: number) => void
}

/**
 * Copies the bytes of a file to a free location and proves that they are the same: by the checksum of a store that copied
 * them itself, otherwise by the SHA-256 of both files as they are read back from their stores.
 *
 * @returns the size
 * @throws {AppError} file-missing, storage-full; file-damaged if the copy differs
 */
export async function copyFile(
  from: StoredFile,
  to: StoredFile,
  { stagingPath, signal, onBytes }: CopyOptions,
): Promise<number> {
  const sizeBytes = await from.store.sizeBytes(from.location, { signal })
  const copied =
    from.store === to.store ? await from.store.copyNew(from.location, to.location, { signal }) : 'not-supported'
  if (copied === 'proved') {
    onBytes(sizeBytes)
    return sizeBytes
  }
  const expected =
    copied === 'copied'
      ? await hashFile(from, sizeBytes, signal, onBytes)
      : await copyThroughDisk(from, to, sizeBytes, { stagingPath, signal, onBytes })
  const storedBytes = await to.store.sizeBytes(to.location, { signal })
  const actual = storedBytes === sizeBytes ? await hashFile(to, sizeBytes, signal) : null
  if (actual === expected) return sizeBytes
  throw new AppError('file-damaged', `The copy of ${from.location} differs from the file, so it is not used.`, {
    facts: { location: to.location },
  })
}

async function copyThroughDisk(
  from: StoredFile,
  to: StoredFile,
  sizeBytes: number,
  { stagingPath, signal, onBytes }: CopyOptions,
): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(
      chunksOf(from, sizeBytes, signal),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          onBytes(chunk.length)
          yield chunk
        }
      },
      createWriteStream(stagingPath, { flags: 'w', mode: 0o600 }),
      { signal },
    )
    await to.store.importFile(stagingPath, to.location)
    return hash.digest('hex')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && hasErrorCode(error, 'ENOSPC')) throw diskFullError(sizeBytes, error)
    throw error
  } finally {
    await rm(stagingPath, { force: true })
  }
}

async function hashFile(
  file: StoredFile,
  sizeBytes: number,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunksOf(file, sizeBytes, signal)) {
    hash.update(chunk)
    onBytes(chunk.length)
  }
  return hash.digest('hex')
}

async function* chunksOf(
  { store, location }: StoredFile,
  sizeBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (sizeBytes === 0) return
  const stream = await store.stream(location, { range: { start: 0, end: sizeBytes }, signal })
  for await (const chunk of Readable.fromWeb(stream as NodeStream)) yield chunk as Uint8Array
}

function diskFullError(fileSizeBytes: number, cause: Error): AppError {
  return new AppError(
    'storage-full',
    `The worker copies each file over its own disk, and has no room for one of ${formatBytes(fileSizeBytes)}. Nothing was created. Free some space and try again.`,
    { cause, facts: { fileSizeBytes } },
  )
}
