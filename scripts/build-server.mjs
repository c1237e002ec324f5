import path from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles the programs that plain Node runs: the web server, the worker, the command line, the processes of DuckDB, and
 * the threads that read rows.
 */
await build({
  entryPoints: {
    web: 'server/web/main.ts',
    worker: 'server/worker/main.ts',
    cli: 'server/cli/main.ts',
    'duckdb-child': 'server/ingest/run/duckdb-child.ts',
    'query-child': 'server/engines/duckdb/process/query-child.ts',
    'rows-thread': 'server/table/rows/rows-thread.ts',
  },
  outdir: 'build',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // Code that several programs share is bundled once.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  // server-only throws without this condition, which marks server code.
  conditions: ['react-server'],
  alias: { '@': path.resolve('.') },
  // Packages are not bundled: some bring binaries, and all of them are installed at run time.
  packages: 'external',
  logLevel: 'warning',
})
