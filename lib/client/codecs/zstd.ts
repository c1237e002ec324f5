import { pageTooLongError, pageTooShortError, type DecompressPage } from '@/lib/parquet/page-codecs'

/** The functions of zstd's C library that are used here. Addresses are positions in `memory`. */
type Zstd = {
  memory: WebAssembly.Memory
  malloc(lengthBytes: number): number
  free(address: number): void
  /** Any number of frames; returns their length or the negative number of an error. */
  ZSTD_decompress(target: number, capacityBytes: number, source: number, sourceBytes: number): number
}

/** ZSTD_error_dstSize_tooSmall */
const TARGET_TOO_SMALL = -70
/** ZSTD_error_maxCode: lengths from 2 GiB are negative here, too. */
const MAX_ERRORS = 120
/** Memory of WebAssembly only grows, so one that is larger is not used again. */
const MAX_IDLE_BYTES = 64 * 1024 * 1024

/**
 * Decompresses any number of frames.
 *
 * @returns null if they have more than `capacityBytes` together
 */
export type ZstdDecoder = (stored: Uint8Array, capacityBytes: number) => Uint8Array | null

export function toPageCodec(decode: ZstdDecoder): DecompressPage {
  return (stored, lengthBytes) => {
    const bytes = decode(stored, lengthBytes)
    if (bytes === null) throw pageTooLongError(lengthBytes)
    if (bytes.length < lengthBytes) throw pageTooShortError(lengthBytes)
    return bytes
  }
}

export function createZstd(module: WebAssembly.Module): ZstdDecoder {
  let idle: Zstd | null = null
  return (stored, capacityBytes) => {
    const zstd = idle ?? instantiate(module)
    // An instance that fails in the middle of its work is not used again either.
    idle = null
    const source = zstd.malloc(stored.length)
    const target = zstd.malloc(capacityBytes)
    if (source === 0 || target === 0) throw new Error('there is not enough memory')
    new Uint8Array(zstd.memory.buffer).set(stored, source)
    const result = zstd.ZSTD_decompress(target, capacityBytes, source, stored.length)
    const isError = result < 0 && result > -MAX_ERRORS
    const bytes = isError ? null : new Uint8Array(zstd.memory.buffer).slice(target, target + result)
    zstd.free(source)
    zstd.free(target)
    if (zstd.memory.buffer.byteLength <= MAX_IDLE_BYTES) idle = zstd
    if (result === TARGET_TOO_SMALL) return null
    if (bytes === null) throw new Error(`zstd reports the error ${-result}`)
    return bytes
  }
}

function instantiate(module: WebAssembly.Module): Zstd {
  const imports = { env: { emscripten_notify_memory_growth: () => undefined } }
  return new WebAssembly.Instance(module, imports).exports as Zstd
}
