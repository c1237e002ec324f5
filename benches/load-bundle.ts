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
    // `server-only` throws wherever Next.js did not bundle it.
    alias: { '@': path.resolve('.'), 'server-only': path.resolve('node_modules/server-only/empty.js') },
    packages: 'external',
    logLevel: 'warning',
  })
  return (await import(pathToFileURL(outfile).href)) as Module
}
