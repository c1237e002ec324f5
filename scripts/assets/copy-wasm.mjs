/**
 * Copies the engine and the codecs that run in the browser into `public/duckdb`, from where the server serves them, so
 * that the browser needs no other origin. An existing engine is not copied again.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { CODEC_WASM } from './codec-wasm.mjs'

const require = createRequire(import.meta.url)
const TARGET = path.resolve(import.meta.dirname, '../../public/duckdb')
const ENGINE_FILES = ['@duckdb/duckdb-wasm/dist/duckdb-eh.wasm', '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js']

mkdirSync(TARGET, { recursive: true })
for (const file of ENGINE_FILES) {
  const source = require.resolve(file)
  const target = path.join(TARGET, path.basename(file))
  const isUpToDate =
    existsSync(target) &&
    statSync(target).size === statSync(source).size &&
    statSync(target).mtimeMs >= statSync(source).mtimeMs
  if (!isUpToDate) copyFileSync(source, target)
}
for (const [name, read] of Object.entries(CODEC_WASM)) {
  const target = path.join(TARGET, name)
  const bytes = read()
  if (!existsSync(target) || !readFileSync(target).equals(bytes)) writeFileSync(target, bytes)
}
