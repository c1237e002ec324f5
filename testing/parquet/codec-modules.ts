import { CODEC_WASM } from '@/scripts/assets/codec-wasm.mjs'

/** The WebAssembly of the browser's codecs, for tests without a server. */
export async function compileCodec(file: string): Promise<WebAssembly.Module> {
  if (file !== 'zstd.wasm' && file !== 'brotli.wasm') throw new Error(`there is no codec ${file}`)
  return await WebAssembly.compile(CODEC_WASM[file]())
}
