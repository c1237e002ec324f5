import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { Stores } from '@/server/storage/stores'

/** An input as a file on this machine; with its SHA-256 if it was copied, which reads all of it. */
export type InputFile = { path: string; sizeBytes: number; sha256?: string }

/** A folder for the copy of an input. `onCopied` is called with the bytes that it has so far. */
export type CopyTarget = { folder: string; signal: AbortSignal; onCopied?: (bytes: number) => void }

const FILE_SCHEME = 'file://'

/**
 * @param location a file on this machine is read in place; one in the warehouse's store is copied into `folder`
 * @throws {AppError} file-missing, location-refused; storage-full when the copy does not fit on the disk
 */
export async function openInput(stores: Stores, location: string, target: CopyTarget): Promise<InputFile> {
  const local = localInputPath(location)
  if (local !== null) return openLocalInput(local)
  const store = stores.warehouseStore()
  const sizeBytes = await store.sizeBytes(location, { signal: target.signal })
  return copyInput({ name: location, sizeBytes, ...target }, () =>
    store.stream(location, { range: { start: 0, end: sizeBytes }, signal: target.signal }),
  )
}

type Copy = CopyTarget & { name: string; sizeBytes: number }

/**
 * Copies an input into a folder of this machine.
 *
 * @throws {AppError} storage-full when the copy does not fit on the disk
 */
export async function copyInput(
  { name, sizeBytes, folder, signal, onCopied }: Copy,
  open: () => Promise<ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>>,
): Promise<Required<InputFile>> {
  await requireDiskSpace(folder, sizeBytes, name)
  const file = path.join(folder, 'input')
  const hash = createHash('sha256')
  try {
    await pipeline(hashChunks(await open(), hash, onCopied), createWriteStream(file, { flags: 'wx', mode: 0o600 }), {
      signal,
    })
  } catch (error) {
    if (error instanceof Error && hasErrorCode(error, 'ENOSPC')) throw diskFullError(name, sizeBytes, error)
    throw error
  }
  return { path: file, sizeBytes, sha256: hash.digest('hex') }
}

async function* hashChunks(
  chunks: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  hash: Hash,
  onCopied: CopyTarget['onCopied'],
): AsyncGenerator<Uint8Array> {
  let copiedBytes = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
    copiedBytes += chunk.length
    onCopied?.(copiedBytes)
  }
}

/** The bytes of an input, where it is. @throws {AppError} file-missing, location-refused */
export async function streamInput(
  stores: Pick<Stores, 'warehouseStore'>,
  location: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const local = localInputPath(location)
  if (local !== null) return createReadStream((await openLocalInput(local)).path, { signal })
  const store = stores.warehouseStore()
  const end = await store.sizeBytes(location, { signal })
  return store.stream(location, { range: { start: 0, end }, signal })
}

/** @throws {AppError} file-missing, location-refused */
export async function inputSize(
  stores: Pick<Stores, 'warehouseStore'>,
  location: string,
  signal: AbortSignal,
): Promise<number> {
  const file = localInputPath(location)
  if (file !== null) return (await openLocalInput(file)).sizeBytes
  return stores.warehouseStore().sizeBytes(location, { signal })
}

/** Null for a file in a store. */
export function localInputPath(location: string): string | null {
  return location.startsWith(FILE_SCHEME) ? location.slice(FILE_SCHEME.length) : null
}

async function openLocalInput(file: string): Promise<InputFile> {
  try {
    const found = await stat(file)
    if (found.isFile()) return { path: file, sizeBytes: found.size }
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
  }
  throw new AppError('file-missing', `There is no file ${file}.`, { facts: { file } })
}

async function requireDiskSpace(folder: string, sizeBytes: number, location: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (sizeBytes > bavail * bsize) throw diskFullError(location, sizeBytes)
}

function diskFullError(location: string, sizeBytes: number, cause?: Error): AppError {
  return new AppError(
    'storage-full',
    `The worker copies ${location} (${formatBytes(sizeBytes)}) into its home to read it, but the disk has no room for it. ` +
      'Nothing was loaded. Free some space, or load the file in parts.',
    { facts: { location, sizeBytes }, ...(cause && { cause }) },
  )
}
