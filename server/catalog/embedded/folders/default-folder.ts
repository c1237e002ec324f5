import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { rootLength } from '@/server/storage/location-gate'
import { folderPath } from './choose-location'
import { normalizeFolder } from './folder-claim'

/** What `chooseLocation` adds to a folder that is taken. */
const SUFFIX = /^-[0-9a-f]{8}$/

/**
 * Whether a location is in the folder that a table of this name gets without asking for another, with or without the
 * suffixes that the catalog adds. The property `location` of a namespace does not count: who may change the namespace
 * could name any folder there.
 */
export function isInDefaultFolder(
  warehouse: string,
  { namespace, table }: Pick<TableIdentifier, 'namespace' | 'table'>,
  location: string,
): boolean {
  const base = normalizeFolder(warehouse).split('/')
  const names = folderPath('', [...namespace, table])
    .split('/')
    .slice(1)
  const folder = normalizeFolder(location)
    .split('/')
    .slice(0, base.length + names.length)
  const isNamed = names.every((name, level) => {
    const segment = folder[base.length + level] ?? ''
    return segment === name || (segment.startsWith(name) && SUFFIX.test(segment.slice(name.length)))
  })
  return isNamed && rootLength(location, [warehouse]) !== null && rootLength(location, [folder.join('/')]) !== null
}
