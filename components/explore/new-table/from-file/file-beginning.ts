import { fetchModule } from '@/lib/client/codecs/browser-page-codecs'
import { decompressBeginning } from '@/lib/client/codecs/zstd-beginning'
import { AppError } from '@/lib/errors'

const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
const PIECE_BYTES = 256 * 1024

export type FileBeginning = { bytes: Uint8Array; isWhole: boolean; isCompressed: boolean }

/**
 * The beginning of a text. Its first bytes say whether it is compressed, as in a load. A compressed file grows, so its
 * bytes are decompressed only until they are enough.
 *
 * @throws {AppError} file-damaged
 */
export async function readBeginning(file: File, maxBytes: number): Promise<FileBeginning> {
  const first = new Uint8Array(await file.slice(0, ZSTD.length).arrayBuffer())
  const begins = (signature: readonly number[]) => signature.every((byte, i) => first[i] === byte)
  if (begins(GZIP))
    return { ...(await orDamaged(file, 'gzip', () => gunzipBeginning(file, maxBytes))), isCompressed: true }
  if (begins(ZSTD)) {
    const module = await fetchModule('zstd.wasm')
    const beginning = await orDamaged(file, 'zstd', () => decompressBeginning(module, piecesOf(file), maxBytes))
    return { ...beginning, isCompressed: true }
  }
  const bytes = new Uint8Array(await file.slice(0, maxBytes).arrayBuffer())
  return { bytes, isWhole: file.size <= maxBytes, isCompressed: false }
}

async function orDamaged<Result>(file: File, codec: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    // The file cannot be read from the disk.
    if (cause instanceof DOMException) throw cause
    throw new AppError('file-damaged', `${file.name} cannot be decompressed as ${codec}.`, { cause })
  }
}

async function* piecesOf(file: File): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < file.size; at += PIECE_BYTES)
    yield new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer())
}

async function gunzipBeginning(file: File, maxBytes: number): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let byteCount = 0
  while (byteCount <= maxBytes) {
    const { value, done } = await reader.read()
    if (done) return { bytes: await join(chunks), isWhole: true }
    chunks.push(value)
    byteCount += value.length
  }
  await reader.cancel()
  return { bytes: (await join(chunks)).subarray(0, maxBytes), isWhole: false }
}

async function join(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...chunks]).arrayBuffer())
}
