import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { Stores } from '@/server/storage/stores'

/** An input as a file on this machine. */
export type InputFile = { path: string; sizeBytes: number }

const FILE_SCHEME = 'file://'

/**
 * @param location a file on this machine is read in place; one in the warehouse's store is copied into `folder`
 * @throws {AppError} file-missing, location-refused; storage-full when the copy does not fit on the disk
 */
export async function openInput(
  stores: Stores,
  location: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<InputFile> {
  if (location.startsWith(FILE_SCHEME)) return openLocalInput(location.slice(FILE_SCHEME.length))
  const store = stores.warehouseStore()
  const sizeBytes = await store.sizeBytes(location, { signal })
  await requireDiskSpace(folder, sizeBytes, location)
  const file = path.join(folder, `input${path.extname(location)}`)
  try {
    const stream = await store.stream(location, { range: { start: 0, end: sizeBytes }, signal })
    await pipeline(stream, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal })
  } catch (error) {
    if (error instanceof Error && hasErrorCode(error, 'ENOSPC')) throw diskFullError(location, sizeBytes, error)
    throw error
  }
  return { path: file, sizeBytes }
}

/** The bytes of an input, where it is. @throws {AppError} file-missing, location-refused */
export async function streamInput(
  stores: Pick<Stores, 'warehouseStore'>,
  location: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (location.startsWith(FILE_SCHEME)) {
    const { path: file } = await openLocalInput(location.slice(FILE_SCHEME.length))
    return createReadStream(file, { signal })
  }
  const store = stores.warehouseStore()
  const end = await store.sizeBytes(location, { signal })
  return store.stream(location, { range: { start: 0, end }, signal })
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
