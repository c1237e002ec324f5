import { globSync } from 'node:fs'

/** A route of Next: its file, and the address at and below which it serves: `/api/v1/catalogs/:catalog/namespaces`. */
export type RouteFile = { file: string; root: string }

let routeFiles: readonly RouteFile[] | undefined

/** Every route below `app/api` and `app/iceberg`, those with the longest root first. */
export function listRouteFiles(): readonly RouteFile[] {
  // Once a process: tests find a route for each of thousands of requests, and reading the folders takes longer than those.
  routeFiles ??= findRouteFiles()
  return routeFiles
}

function findRouteFiles(): RouteFile[] {
  return globSync('app/{api,iceberg}/**/route.ts')
    .map((file) => ({ file, root: rootOf(file) }))
    .toSorted((a, b) => b.root.split('/').length - a.root.split('/').length)
}

/** The route that Next chooses for an address: the one with the longest root that fits. */
export function findRouteFile(segments: readonly string[]): RouteFile {
  const found = listRouteFiles().find(({ file, root }) => {
    const names = root.split('/').slice(1)
    const hasLength = file.includes('[[...path]]') ? names.length <= segments.length : names.length === segments.length
    return hasLength && names.every((name, i) => name.startsWith(':') || name === segments[i])
  })
  if (!found) throw new Error(`no route serves /${segments.join('/')}`)
  return found
}

/** The parameters that Next passes to the route: those of its root, and the segments below it. */
export function routeParams({ root }: RouteFile, segments: readonly string[]): Record<string, string | string[]> {
  const names = root.split('/').slice(1)
  const ofRoot = names.flatMap((name, i) => (name.startsWith(':') ? [[name.slice(1), segments[i] ?? '']] : []))
  const path = segments.slice(names.length)
  return { ...Object.fromEntries(ofRoot), ...(path.length > 0 && { path }) }
}

function rootOf(file: string): string {
  return file
    .replace(/^app/, '')
    .replace(/(\/\[\[\.\.\.path\]\])?\/route\.ts$/, '')
    .replaceAll(/\[(\w+)\]/g, ':$1')
}
