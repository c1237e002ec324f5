import type { DecompressPage } from '@/lib/parquet/page-codecs'
import { BlockCache } from '@/lib/scan/read/avro/block-cache'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { responseError } from '@/lib/api/response-error'
import { inflateBlock, unsnapBlock, unzstdBlock } from './avro-blocks'
import { createBrotli } from './brotli'
import { decompressGzip } from './gzip'
import { createZstd, toPageCodec, type ZstdDecoder } from './zstd'

const WASM_FILES = { zstd: 'zstd.wasm', brotli: 'brotli.wasm' } as const
type WasmCodec = keyof typeof WASM_FILES

/**
 * Decompression of Parquet's pages and Avro's blocks, where JavaScript is too slow by WebAssembly from our own origin,
 * each codec loaded for the first file that uses it.
 *
 * @param compileFile by default fetches a file of `public/duckdb`
 */
export function createBrowserPageCodecs(
  compileFile: (file: string) => Promise<WebAssembly.Module> = fetchModule,
): DataFileCodecs {
  const loaded: { zstd?: ZstdDecoder; brotli?: DecompressPage } = {}
  const loading = new Map<WasmCodec, Promise<void>>()

  const load = async (codec: WasmCodec): Promise<void> => {
    const module = await compileFile(WASM_FILES[codec])
    if (codec === 'zstd') loaded.zstd = createZstd(module)
    else loaded.brotli = createBrotli(module)
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
  const zstd: ZstdDecoder = (stored, capacityBytes) => requireLoaded(loaded.zstd, 'zstd')(stored, capacityBytes)

  return {
    gzip: decompressGzip,
    zstd: toPageCodec(zstd),
    brotli: (stored, lengthBytes) => requireLoaded(loaded.brotli, 'brotli')(stored, lengthBytes),
    async load(codecs) {
      await Promise.all((['zstd', 'brotli'] as const).filter((codec) => codecs.has(codec)).map(loadOnce))
    },
    avro: {
      async load(codec) {
        if (codec === 'zstandard') await loadOnce('zstd')
      },
      decompress(codec, stored, maxBytes) {
        switch (codec) {
          case 'deflate':
            return inflateBlock(stored, maxBytes)
          case 'snappy':
            return unsnapBlock(stored, maxBytes)
          case 'zstandard':
            return unzstdBlock(zstd, stored, maxBytes)
        }
      },
    },
    avroBlocks: new BlockCache(),
  }
}

function requireLoaded<Codec>(codec: Codec | undefined, name: WasmCodec): Codec {
  if (codec === undefined) throw new Error(`${name} was not loaded`)
  return codec
}

async function fetchModule(file: string): Promise<WebAssembly.Module> {
  const response = await fetchOrThrow(`/duckdb/${file}`)
  if (!response.ok) throw responseError(response, undefined)
  return await WebAssembly.compile(await response.arrayBuffer())
}
