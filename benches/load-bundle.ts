import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Loads a module of a bench that uses the server's code.
 *
 * @param folder below the project, where the bundle finds its packages
 */
export async function loadBundle<Module>(entry: string, folder: string): Promise<Module> {
  const outfile = path.join(folder, `${path.basename(entry, '.ts')}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // `server-only` is empty under this condition. Packages with binaries are not bundled.
    conditions: ['react-server'],
    alias: { '@': path.resolve('.') },
    external: ['@duckdb/node-api', 'snappy', 'lz4-napi'],
    logLevel: 'warning',
  })
  return (await import(pathToFileURL(outfile).href)) as Module
}
