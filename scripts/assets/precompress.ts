import { existsSync, globSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Formats that are not compressed yet. */
const COMPRESSIBLE = '**/*.{js,css,wasm,json,svg,txt,webmanifest}'
/** A smaller file fits into a packet or two as it is. */
const MIN_BYTES = 1024

/**
 * Brotli at quality 5 makes the engine a fifth smaller than gzip does. Above that, quality costs minutes for a percent.
 * Browsers accept Brotli from this machine and over HTTPS only, and gzip anywhere.
 */
const ENCODINGS = {
  br: (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } }),
  gz: (bytes: Buffer) => gzipSync(bytes),
}

/**
 * Writes each file of a folder again as `<file>.br` and `<file>.gz`, from where `server/web/static-files.ts` serves it:
 * compressing the engine takes a second of the processor for each browser that loads it. A copy with the time of its
 * file is not written again.
 */
export function precompress(folder: string): void {
  for (const name of globSync(COMPRESSIBLE, { cwd: folder })) {
    const file = `${folder}/${name}`
    const { size, mtime } = statSync(file)
    if (size < MIN_BYTES) continue
    for (const [suffix, compress] of Object.entries(ENCODINGS)) {
      const copy = `${file}.${suffix}`
      if (isCopyOf(copy, mtime)) continue
      writeFileSync(copy, compress(readFileSync(file)))
      utimesSync(copy, mtime, mtime)
    }
  }
}

function isCopyOf(copy: string, mtime: Date): boolean {
  return existsSync(copy) && Math.abs(statSync(copy).mtimeMs - mtime.getTime()) < 1000
}
