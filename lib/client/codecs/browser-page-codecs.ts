import type { DecompressPage } from '@/lib/parquet/page-codecs'
import { importCode } from '@/lib/import-code'
import { BlockCache } from '@/lib/scan/read/avro/block-cache'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { responseError } from '@/lib/api/response-error'
import { createZstd, toPageCodec, type ZstdDecoder } from './zstd'

type Loaded = {
  gzip?: DecompressPage
  zstd?: ZstdDecoder
  brotli?: DecompressPage
  avroBlocks?: typeof import('./avro-blocks')
}

/**
 * Decompression of Parquet's pages and Avro's blocks, where JavaScript is too slow by WebAssembly from our own origin.
 * Each codec, and the script for it, is loaded for the first file that uses it.
 *
 * @param compileFile by default fetches a file of `public/duckdb`
 */
export function createBrowserPageCodecs(
  compileFile: (file: string) => Promise<WebAssembly.Module> = fetchModule,
): DataFileCodecs {
  const loaded: Loaded = {}
  const loading = new Map<keyof Loaded, Promise<void>>()

  const loaders: Record<keyof Loaded, () => Promise<void>> = {
    gzip: async () => {
      loaded.gzip = (await importCode(() => import('./gzip'))).decompressGzip
    },
    zstd: async () => {
      loaded.zstd = createZstd(await compileFile('zstd.wasm'))
    },
    brotli: async () => {
      const [{ createBrotli }, module] = await Promise.all([
        importCode(() => import('./brotli')),
        compileFile('brotli.wasm'),
      ])
      loaded.brotli = createBrotli(module)
    },
    avroBlocks: async () => {
      loaded.avroBlocks = await importCode(() => import('./avro-blocks'))
    },
  }
  const loadOnce = async (codec: keyof Loaded): Promise<void> => {
    const attempt = loading.get(codec) ?? loaders[codec]()
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
    gzip: (stored, lengthBytes) => requireLoaded(loaded.gzip, 'gzip')(stored, lengthBytes),
    zstd: toPageCodec(zstd),
    brotli: (stored, lengthBytes) => requireLoaded(loaded.brotli, 'brotli')(stored, lengthBytes),
    async load(codecs) {
      await Promise.all((['gzip', 'zstd', 'brotli'] as const).filter((codec) => codecs.has(codec)).map(loadOnce))
    },
    avro: {
      async load(codec) {
        if (codec === 'null') return
        await Promise.all([loadOnce('avroBlocks'), ...(codec === 'zstandard' ? [loadOnce('zstd')] : [])])
      },
      decompress(codec, stored, maxBytes) {
        const { inflateBlock, unsnapBlock, unzstdBlock } = requireLoaded(loaded.avroBlocks, 'blocks of Avro')
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

function requireLoaded<Codec>(codec: Codec | undefined, name: string): Codec {
  if (codec === undefined) throw new Error(`${name} was not loaded`)
  return codec
}

/** @param file of `public/duckdb` */
export async function fetchModule(file: string): Promise<WebAssembly.Module> {
  const response = await fetchOrThrow(`/duckdb/${file}`)
  if (!response.ok) throw responseError(response, undefined)
  return await WebAssembly.compile(await response.arrayBuffer())
}
