/** A path that was typed or pasted, as engines name files in their errors. */
export type SearchedPath = {
  /** With its scheme; null when it does not begin at the top. */
  location: string | null
  /** The end of the location of the requested file. */
  suffix: string
  /** The last level, which names of files begin with. */
  name: string
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** Null: the text is not a path. */
export function parsePath(text: string): SearchedPath | null {
  const typed = text.trim().replace(/\/+$/, '')
  if (!typed.includes('/')) return null
  const name = typed.slice(typed.lastIndexOf('/') + 1)
  if (name === '') return null
  // Java writes `file:/a` for `file:///a`.
  const local = /^(?:file:)?\/+/i.exec(typed)
  if (local && !typed.toLowerCase().startsWith('file://')) {
    const path = `/${typed.slice(local[0].length)}`
    return { location: `file://${path}`, suffix: path, name }
  }
  return { location: SCHEME.test(typed) ? typed : null, suffix: SCHEME.test(typed) ? typed : `/${typed}`, name }
}

/** The folders that a location is in, the nearest first, without the bucket or the top. */
export function foldersOf(location: string, limit: number): string[] {
  const start = location.indexOf('/', SCHEME.exec(location)?.[0].length ?? 0)
  const folders: string[] = []
  let end = location.lastIndexOf('/')
  while (end > start && folders.length < limit) {
    folders.push(location.slice(0, end))
    end = location.lastIndexOf('/', end - 1)
  }
  return folders
}
