/**
 * Copies the engines that run in the browser into `public/duckdb`, from where the server serves them, so that the
 * browser fetches them from nowhere else. Existing files are not copied again.
 */
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)
const TARGET = path.resolve(import.meta.dirname, '../public/duckdb')
const FILES = [
  '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm',
  '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js',
  'parquet-wasm/esm/parquet_wasm_bg.wasm',
]

mkdirSync(TARGET, { recursive: true })
for (const file of FILES) {
  const source = require.resolve(file)
  const target = path.join(TARGET, path.basename(file))
  const isUpToDate =
    existsSync(target) &&
    statSync(target).size === statSync(source).size &&
    statSync(target).mtimeMs >= statSync(source).mtimeMs
  if (!isUpToDate) copyFileSync(source, target)
}
