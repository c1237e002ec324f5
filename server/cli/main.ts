import 'server-only'
import { enableCompileCache } from 'node:module'
import path from 'node:path'

/**
 * Entry point of the command line (bundled as `build/cli.mjs`). Node stores what it compiles next to the bundle, where
 * only the owner of the program writes, so the next command has less to compile.
 */
enableCompileCache(path.join(import.meta.dirname, 'compiled'))
await import('./run-process')
