import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const EXPORTS = [
  "export { createRowReader } from '@/lib/scan/read-rows'",
  "export { readFooter } from '@/lib/parquet/footer'",
  "export { pageCodecs } from '@/server/parquet/page-codecs'",
].join('\n')

let readerPromise = null

/** Builds the product's reader for plain Node. */
export function loadReader() {
  readerPromise ??= bundleReader()
  return readerPromise
}

async function bundleReader() {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-reader-'))
  const outfile = path.join(folder, 'reader.mjs')
  await build({
    stdin: { contents: EXPORTS, resolveDir: path.resolve('.'), loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // `server-only` is empty under this condition.
    conditions: ['react-server'],
    alias: { '@': path.resolve('.') },
    logLevel: 'warning',
  })
  const { createRowReader, readFooter, pageCodecs } = await import(pathToFileURL(outfile).href)
  rmSync(folder, { recursive: true })
  return {
    pageCodecs,
    /** Reads the first rows of all columns, with nothing cached. */
    async readFirstRows(files, fields, rows) {
      const plannedFiles = files.map((file) => ({ ...file, constants: new Map() }))
      const reader = createRowReader({ fields, files: plannedFiles, open: fileSource, codecs: pageCodecs })
      const { columns } = await reader.readRows({ firstRow: 0, lastRow: rows, fieldIds: fields.map(({ id }) => id) })
      return { values: [...columns.values()], bytes: reader.cost().bytesRead }
    },
    /** Stored bytes of the column chunks of a file's first row group that hold the columns. */
    async neededBytes(file, fields) {
      const { rowGroups, leaves } = await readFooter(fileSource(file))
      const ids = new Set(fields.map(({ id }) => id))
      return rowGroups[0].columns
        .filter(({ leaf }) => ids.has(leaves[leaf].fieldId))
        .reduce((sum, { storedBytes }) => sum + storedBytes, 0)
    },
  }
}

function fileSource({ path: name, fileSizeBytes }) {
  return {
    name,
    byteLength: fileSizeBytes,
    read: (start, end) => Promise.resolve(readSpan(name, start, end)),
  }
}

/** Both sides read files with this. */
export function readSpan(file, start, end) {
  const descriptor = openSync(file, 'r')
  const bytes = new Uint8Array(end - start)
  readSync(descriptor, bytes, 0, bytes.length, start)
  closeSync(descriptor)
  return bytes
}
