import 'server-only'
import { rootLength } from '@/server/locations/location-gate'
import { folderPath } from './choose-location'
import { normalizeFolder } from './folder-claim'

/** The suffix that `chooseLocation` adds to a folder that is taken. */
const SUFFIX = /^-[0-9a-f]{8}$/

/**
 * Whether a location is in the folder that a table gets without asking for another, with or without the suffixes that
 * the catalog adds.
 *
 * @param root the warehouse, or the `location` of the table's namespace
 * @param path the names of the table and of the namespaces around it, below `root`
 */
export function isInDefaultFolder(root: string, path: readonly string[], location: string): boolean {
  const base = normalizeFolder(root).split('/')
  const names = folderPath('', path).split('/').slice(1)
  const folder = normalizeFolder(location)
    .split('/')
    .slice(0, base.length + names.length)
  const isNamed = names.every((name, level) => {
    const segment = folder[base.length + level] ?? ''
    return segment === name || (segment.startsWith(name) && SUFFIX.test(segment.slice(name.length)))
  })
  return isNamed && rootLength(location, [root]) !== null && rootLength(location, [folder.join('/')]) !== null
}
