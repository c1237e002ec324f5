import 'server-only'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { hasErrorCode } from '@/server/error-code'
import type { InputRequest } from '../stage-request'

/** Files that are compressed as a whole, by gzip or zstd, become files in the staging folder before they are read. */

type Compression = { label: string; magic: readonly number[]; create: () => Gunzip | ZstdDecompress }

const COMPRESSIONS: readonly Compression[] = [
  { label: 'gzip', magic: [0x1f, 0x8b], create: () => createGunzip() },
  { label: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], create: () => createZstdDecompress() },
]
const MIB = 1024 * 1024
const CHUNK_BYTES = 64 * 1024
const PROGRESS_BYTES = 16 * MIB

/** How large a file may become. Text is compressed to a tenth or a hundredth; what grows much more is an attack. */
export type UnpackLimits = { diskReserveBytes: number; maxFactor: number; minLimitBytes: number }
const DEFAULT_LIMITS: UnpackLimits = { diskReserveBytes: 1024 * MIB, maxFactor: 1000, minLimitBytes: 1024 * MIB }

type UnpackRequest = Pick<InputRequest, 'stagingDir'> & { input: Pick<InputRequest['input'], 'path' | 'format'> }

export type UnpackOptions = {
  onProgress: (bytesRead: number) => void
  /** The file is the beginning of a larger one, and may end inside its compressed data. */
  isTruncated?: boolean
  limits?: UnpackLimits
}

/**
 * The request for the decompressed file; the same request for any other file. The other formats compress their
 * parts themselves.
 *
 * @throws {AppError} file-damaged; too-large when the file grows beyond the limits; storage-full
 */
export async function unpackInput<Request extends UnpackRequest>(
  request: Request,
  options: UnpackOptions,
): Promise<Request> {
  const { input, stagingDir } = request
  if (!isText(input.format)) return request
  const compression = await findCompression(input.path)
  if (compression === null) return request
  const target = path.join(stagingDir, 'unpacked')
  const { size } = await stat(input.path)
  const { diskReserveBytes, maxFactor, minLimitBytes } = options.limits ?? DEFAULT_LIMITS
  const { bavail, bsize } = await statfs(stagingDir)
  const maxGrownBytes = Math.max(minLimitBytes, maxFactor * size)
  const maxDiskBytes = Math.max(0, bavail * bsize - diskReserveBytes)
  const chunks = unpack(input.path, {
    compression,
    size,
    isTruncated: options.isTruncated ?? false,
    onProgress: options.onProgress,
  })
  try {
    await pipeline(
      limitBytes(chunks, Math.min(maxGrownBytes, maxDiskBytes), () =>
        maxDiskBytes < maxGrownBytes ? diskError(maxDiskBytes) : grownError(compression, maxGrownBytes),
      ),
      createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    )
  } catch (error) {
    throw error instanceof Error && hasErrorCode(error, 'ENOSPC') ? diskError(maxDiskBytes, error) : error
  }
  return { ...request, input: { ...input, path: target } }
}

function isText(format: InputFormat): boolean {
  return format === 'csv' || format === 'ndjson' || format === 'json'
}

async function findCompression(file: string): Promise<Compression | null> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    const start = buffer.subarray(0, bytesRead)
    return COMPRESSIONS.find(({ magic }) => magic.every((byte, i) => start[i] === byte)) ?? null
  } finally {
    await handle.close()
  }
}

type Unpacking = Pick<UnpackOptions, 'onProgress'> & { compression: Compression; size: number; isTruncated: boolean }

/**
 * The decompressed bytes of all members or frames. Node ends with the first frame of zstd when another one follows in the
 * same chunk, and with the zeros after a member of gzip, so each continues where the one before ended.
 */
async function* unpack(
  file: string,
  { compression, size, isTruncated, onProgress }: Unpacking,
): AsyncGenerator<Uint8Array> {
  let offset = 0
  let reportedBytes = 0
  while (offset < size) {
    const start = offset
    const input = createReadStream(file, { start, highWaterMark: CHUNK_BYTES })
    const decoder = compression.create()
    input.on('error', (error) => decoder.destroy(error))
    input.pipe(decoder)
    try {
      for await (const chunk of decoder) {
        yield chunk
        if (start + decoder.bytesWritten - reportedBytes < PROGRESS_BYTES) continue
        reportedBytes = start + decoder.bytesWritten
        onProgress(reportedBytes)
      }
    } catch (error) {
      if (isTruncated && error instanceof Error && hasErrorCode(error, 'Z_BUF_ERROR')) return
      throw isDamage(error) ? damagedError(compression, error) : error
    } finally {
      input.destroy()
    }
    if (decoder.bytesWritten === 0) throw damagedError(compression, new Error('no progress'))
    offset = start + decoder.bytesWritten
    // Tapes and some tools fill the last block of a file with zeros.
    if (offset < size && compression.label === 'gzip') offset = await skipZeros(file, offset)
  }
  onProgress(size)
}

async function skipZeros(file: string, offset: number): Promise<number> {
  let at = offset
  for await (const chunk of createReadStream(file, { start: offset, highWaterMark: CHUNK_BYTES })) {
    const other = (chunk as Buffer).findIndex((byte) => byte !== 0)
    if (other >= 0) return at + other
    at += (chunk as Buffer).length
  }
  return at
}

async function* limitBytes(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  toError: () => AppError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBytes) throw toError()
    yield chunk
  }
}

function isDamage(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ZSTD_)/.test(error.code)
}

function damagedError({ label }: Compression, cause: Error): AppError {
  return new AppError('file-damaged', `The file cannot be decompressed as ${label}: ${damageText(cause)}.`, {
    cause,
    facts: { hint: 'Send the file again, or make it again from its source.' },
  })
}

function damageText(cause: Error): string {
  if ('code' in cause && cause.code === 'Z_BUF_ERROR') return 'it ends too early'
  return /\b(incorrect (data|length) check|match checksum)\b/.test(cause.message)
    ? 'its checksum does not fit its contents'
    : 'a part of it has other bytes than were compressed'
}

function grownError({ label }: Compression, maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `The file is decompressed (${label}) to more than ${formatBytes(maxBytes)}, which is more than text can be compressed. Decompress it before you load it.`,
  )
}

function diskError(maxBytes: number, cause?: Error): AppError {
  return new AppError(
    'storage-full',
    `The decompressed file does not fit on the disk of the worker, which has ${formatBytes(maxBytes)} for it.`,
    { cause },
  )
}
