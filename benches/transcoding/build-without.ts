import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { build, type Plugin } from 'esbuild'

/**
 * A copy of the programs whose loads have no transcoder: DuckDB compresses with zstd itself, and its file goes into the
 * table. Sizes of columns are not recorded.
 *
 * @param folder new, and below the project, where the copy finds its packages
 */
export async function buildWithoutTranscoder(folder: string): Promise<void> {
  mkdirSync(folder)
  cpSync('build', path.join(folder, 'build'), { recursive: true })
  // Folders that the programs read from their working directory.
  for (const name of ['server', 'lib', 'node_modules', 'package.json'])
    symlinkSync(path.resolve(name), path.join(folder, name))
  await build({
    entryPoints: { 'duckdb-child': 'server/ingest/run/duckdb-child.ts' },
    outdir: path.join(folder, 'build'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['react-server'],
    alias: { '@': path.resolve('.') },
    packages: 'external',
    logLevel: 'warning',
    plugins: [withoutTranscoder],
  })
}

const ENCODE_FILE = `
import { linkSync, statSync } from 'node:fs'
export async function encodeFile({ from, to }, { recordCount, metrics }) {
  linkSync(from, to)
  return {
    recordCount,
    metrics: { ...metrics, columnSizesBytes: new Map() },
    fileSizeBytes: statSync(to).size,
    splitOffsets: [4],
    sizes: { plainBytes: 0, plainSource: 'counted', encodedBytes: 0, storedBytes: 0, codecs: {} },
  }
}
`

const withoutTranscoder: Plugin = {
  name: 'without-transcoder',
  setup({ onLoad }) {
    onLoad({ filter: /server.ingest.write.encode-file\.ts$/ }, () => ({ contents: ENCODE_FILE, loader: 'js' }))
    onLoad({ filter: /server.ingest.write.parquet-file\.ts$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8')
      const contents = source.replace("'COMPRESSION uncompressed'", "'COMPRESSION zstd'")
      if (contents === source) throw new Error(`${file} names no compression to replace`)
      return { contents, loader: 'ts', resolveDir: path.dirname(file) }
    })
  },
}
