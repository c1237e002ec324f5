import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The codecs of Parquet's pages that run in the browser, by the name of their file there. */
export const CODEC_WASM = {
  'zstd.wasm': readZstd,
  'brotli.wasm': () => readFileSync(fileURLToPath(import.meta.resolve('brotli-dec-wasm/web/bg.wasm'))),
}

/** The package contains its WebAssembly as text, and its own code would load it from a URL that pages do not allow. */
function readZstd() {
  const text = readFileSync(fileURLToPath(import.meta.resolve('zstddec/stream')), 'utf8')
  const [, base64] = /"(AGFzbQ[\w+/]+=*)"/.exec(text) ?? []
  if (!base64) throw new Error('zstddec contains no WebAssembly')
  return Buffer.from(base64, 'base64')
}
