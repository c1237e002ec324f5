import type { DecompressPage, PageCodecs } from '@/lib/parquet/page-codecs'
import { fetchOrThrow } from '../call/fetch-or-throw'
import { responseError } from '../call/response-error'
import { createBrotli } from './brotli'
import { decompressGzip } from './gzip'
import { createZstd } from './zstd'

const WASM_CODECS = {
  zstd: { file: 'zstd.wasm', create: createZstd },
  brotli: { file: 'brotli.wasm', create: createBrotli },
}
type WasmCodec = keyof typeof WASM_CODECS

/**
 * Decompression of Parquet's pages by WebAssembly from our own origin, each codec loaded for the first file that uses
 * it.
 *
 * @param compileFile by default fetches a file of `public/duckdb`
 */
export function createBrowserPageCodecs(
  compileFile: (file: string) => Promise<WebAssembly.Module> = fetchModule,
): PageCodecs {
  const loaded = new Map<WasmCodec, DecompressPage>()
  const loading = new Map<WasmCodec, Promise<void>>()

  const load = async (codec: WasmCodec): Promise<void> => {
    const { file, create } = WASM_CODECS[codec]
    loaded.set(codec, create(await compileFile(file)))
  }
  const loadOnce = async (codec: WasmCodec): Promise<void> => {
    const attempt = loading.get(codec) ?? load(codec)
    loading.set(codec, attempt)
    try {
      await attempt
    } catch (error) {
      // The next file may reach the server again.
      loading.delete(codec)
      throw error
    }
  }
  const decompressBy =
    (codec: WasmCodec): DecompressPage =>
    (stored, lengthBytes) => {
      const decompress = loaded.get(codec)
      if (!decompress) throw new Error(`${codec} was not loaded`)
      return decompress(stored, lengthBytes)
    }

  return {
    gzip: decompressGzip,
    zstd: decompressBy('zstd'),
    brotli: decompressBy('brotli'),
    async load(codecs) {
      await Promise.all((['zstd', 'brotli'] as const).filter((codec) => codecs.has(codec)).map(loadOnce))
    },
  }
}

async function fetchModule(file: string): Promise<WebAssembly.Module> {
  const response = await fetchOrThrow(`/duckdb/${file}`)
  if (!response.ok) throw responseError(response, undefined)
  return await WebAssembly.compile(await response.arrayBuffer())
}
