import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import { gzipSync } from 'node:zlib'

const APP = '.next/server/app'
const MANIFEST = 'page_client-reference-manifest.js'

/**
 * The most gzipped script that pages of the last build may load before the user does anything, in bytes, by the
 * address of the page. The first that matches counts.
 */
const BUDGETS: readonly { page: RegExp; maxKib: number }[] = [
  { page: /^\/login$/, maxKib: 144 },
  { page: /\/tables\/\[table\]$/, maxKib: 246 },
  { page: /\/snapshots\/compare$/, maxKib: 249 },
  { page: /^\/catalogs\//, maxKib: 243 },
  { page: /^/, maxKib: 238 },
]

export type PageScripts = { page: string; files: number; bytes: number; maxBytes: number }

/** The scripts of every page of the last build, largest first. Empty without a build. */
export function measurePageScripts(): PageScripts[] {
  if (!existsSync(APP)) return []
  const sizes = new Map<string, number>()
  const sizeOf = (file: string) => {
    const known = sizes.get(file) ?? gzipSync(readFileSync(path.join('.next', file))).length
    sizes.set(file, known)
    return known
  }
  return readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(MANIFEST) && !/\/_|^_/.test(file))
    .map((file) => {
      const page = `/${path.dirname(file)}`.replace(/\/\([^)]*\)/g, '').replace(/\/\.$/, '') || '/'
      const files = scriptsOf(file)
      const bytes = [...files].reduce((sum, script) => sum + sizeOf(script), 0)
      const { maxKib } = BUDGETS.find((budget) => budget.page.test(page)) ?? { maxKib: 0 }
      return { page, files: files.size, bytes, maxBytes: maxKib * 1024 }
    })
    .toSorted((a, b) => b.bytes - a.bytes)
}

type ClientManifest = Record<string, { entryJSFiles: Record<string, string[]> }>

/** The scripts that Next puts into the HTML of a page: its own, and those of the page and its layouts. */
function scriptsOf(manifest: string): Set<string> {
  const context: Record<string, unknown> = {}
  vm.runInNewContext(readFileSync(path.join(APP, manifest), 'utf8'), Object.assign(context, { globalThis: context }))
  const ofPage = Object.values(context['__RSC_MANIFEST'] as ClientManifest).flatMap(({ entryJSFiles }) =>
    Object.values(entryJSFiles),
  )
  const build = path.join(APP, manifest.replace(`_client-reference-manifest.js`, '/build-manifest.json'))
  const { rootMainFiles } = JSON.parse(readFileSync(build, 'utf8')) as { rootMainFiles: string[] }
  return new Set([...rootMainFiles, ...ofPage.flat()])
}
