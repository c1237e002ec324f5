import path from 'node:path'
import { build } from 'esbuild'

/** Bundles the programs that plain Node runs: the web server, the worker, the command line, and DuckDB's own process. */
await build({
  entryPoints: {
    web: 'server/web/main.ts',
    worker: 'server/worker/main.ts',
    cli: 'server/cli/main.ts',
    'duckdb-child': 'server/ingest/run/duckdb-child.ts',
  },
  outdir: 'build',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // What several programs share is written once.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  // server-only throws elsewhere; this condition is the server's own.
  conditions: ['react-server'],
  alias: { '@': path.resolve('.') },
  // Packages stay where they are installed: some bring binaries, and all are there at run time.
  packages: 'external',
  logLevel: 'warning',
})
