import 'server-only'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { AppError } from '@/lib/errors'
import type { LocationFiles } from '@/server/load-locations/location-files'
import type { Stores } from '@/server/storage/stores'
import { streamInput } from '../input/input-file'
import { localVersion } from '../input/located-file'

const READ_BYTES = 1024 * 1024

/** The identity of an input: its size, and its SHA-256 as 64 hexadecimal digits. */
export type InputDigest = { sizeBytes: number; sha256: string }

/**
 * Reads all of the input.
 *
 * @throws {AppError} file-missing, location-refused
 */
export async function digestInput(
  stores: Pick<Stores, 'warehouseStore'>,
  location: string,
  signal: AbortSignal,
): Promise<InputDigest> {
  return digestOf(await streamInput(stores, location, signal))
}

/**
 * Reads all of a file of a load location.
 *
 * @throws {AppError} file-missing, location-refused; file-damaged for a file that changes while it is read
 */
export async function digestLocationFile(
  files: LocationFiles,
  path: string,
  signal: AbortSignal,
): Promise<InputDigest> {
  const before = await files.readVersion(path, signal)
  const digest = await digestOf(files.stream(path, before.sizeBytes, signal))
  const after = await files.readVersion(path, signal)
  if (after.version === before.version && after.sizeBytes === before.sizeBytes) return digest
  const file = `${files.name}/${path}`
  throw new AppError('file-damaged', `${file} changed while it was read. Nothing was proposed.`, { facts: { file } })
}

/**
 * Does the work with a file if it is the one that was proposed. A file that is read in place must not change meanwhile.
 *
 * @param name of the input, for people
 * @throws {AppError} version-conflict when the file is another one, before or after the work
 */
export async function withProposedInput<Result>(
  { path, name, sha256, signal }: { path: string; name: string; sha256: string; signal: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  const version = await localVersion(path)
  const found = await digestFile(path, signal)
  if (found.sha256 !== sha256) throw changedInputError(name, `its SHA-256 is ${found.sha256}`)
  const result = await work()
  if ((await localVersion(path)) !== version) throw changedInputError(name, 'it was written while it was read')
  return result
}

/** The digest of a file of this machine. */
export function digestFile(path: string, signal: AbortSignal): Promise<InputDigest> {
  return digestOf(createReadStream(path, { signal, highWaterMark: READ_BYTES }))
}

/** Digests a file of this machine while the work reads it, too. A failure of the work ends both. */
export async function digestDuring<Result>(
  path: string,
  work: () => Promise<Result>,
  signal: AbortSignal,
): Promise<{ result: Result; digest: InputDigest }> {
  const end = new AbortController()
  const digesting = Promise.allSettled([digestFile(path, AbortSignal.any([signal, end.signal]))])
  try {
    const result = await work()
    const [digested] = await digesting
    if (digested.status === 'rejected') throw digested.reason
    return { result, digest: digested.value }
  } finally {
    end.abort()
    await digesting
  }
}

export async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<InputDigest> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    sizeBytes += chunk.byteLength
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

function changedInputError(name: string, difference: string): AppError {
  return new AppError(
    'version-conflict',
    `${name} is not the file that was proposed: ${difference}. Nothing was loaded. ` +
      'Propose the load of the file as it is now, or put the proposed file back and retry the run.',
    { facts: { file: name } },
  )
}
