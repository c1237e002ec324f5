import 'server-only'
import pMap from 'p-map'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import {
  findFiles,
  type FoundFile,
  type FoundFiles,
  MAX_SEARCHED_ENTRIES,
  requirePattern,
} from '@/server/load-locations/find-files'
import { type LocationFiles, requireFilePath } from '@/server/load-locations/location-files'
import { type LocationServices, openLoadLocation, requireLoadLocation } from '@/server/load-locations/open-location'
import type { FileVersion } from '@/server/storage/object-store'
import { requireLoadUrl } from '@/server/load-locations/load-url'
import { inputName, type InputSource, type LocationFile, type LocationPattern, type UrlInput } from './ingest-spec'

/** A file of a location with its location and its current version. */
export type LocationSource = { files: LocationFiles; path: string; version: FileVersion }

type OtherSource = Exclude<InputSource, LocationFile | LocationPattern>

const MAX_PARALLEL_READS = 8

/**
 * The inputs of a load, with the files that match its patterns now in their places, and with their versions.
 *
 * @throws {AppError} not-found for a location that is no longer allowed; file-missing; invalid-request for more files
 * than a load has, and for a file that is given twice
 */
export async function resolveSources(
  services: LocationServices,
  input: readonly InputSource[],
  signal: AbortSignal,
): Promise<(OtherSource | LocationSource)[]> {
  const locations = await openLocations(services, input)
  const sources: (OtherSource | Omit<LocationSource, 'version'>)[] = []
  const known = new Set<string>()
  for (const source of input) {
    if ('url' in source && known.has(source.url))
      throw new AppError('invalid-request', `${inputName(source)} is given twice. Nothing was loaded.`)
    if ('url' in source) known.add(source.url)
    if (!('loadLocation' in source)) sources.push(source)
    else {
      const files = requireOpened(locations, source)
      const paths = 'path' in source ? [source.path] : await findPaths(files, source.match, signal)
      for (const path of paths) {
        const name = `${files.name}/${path}`
        if (known.has(name))
          throw new AppError('invalid-request', `${name} is given twice. Nothing was loaded.`, {
            facts: { file: name },
          })
        known.add(name)
        sources.push({ files, path })
      }
    }
    if (sources.length > MAX_LOADED_FILES)
      throw new AppError(
        'invalid-request',
        `The inputs are more than the ${formatCount(MAX_LOADED_FILES)} files that a load has. Nothing was loaded. Load them in parts.`,
        { facts: { limit: MAX_LOADED_FILES } },
      )
  }
  return pMap(
    sources,
    async (source) =>
      'files' in source ? { ...source, version: await source.files.readVersion(source.path, signal) } : source,
    { concurrency: MAX_PARALLEL_READS },
  )
}

/**
 * Checks the names of files before a run is queued, which looks for the files.
 *
 * @throws {AppError} not-found for a location that is not allowed, location-refused; invalid-request for a wrong URL
 */
export function requireNamedFiles(
  config: Pick<LocationServices['config'], 'loadHosts' | 'loadLocations'>,
  input: LocationFile | LocationPattern | UrlInput,
): void {
  if ('url' in input) {
    requireLoadUrl(config.loadHosts, input.url)
    return
  }
  const { loadLocation: location } = input
  requireLoadLocation(config, location)
  if ('path' in input) requireFilePath({ location, path: input.path })
  else requirePattern(location, input.match)
}

/**
 * The first file that matches, for a preview.
 *
 * @throws {AppError} file-missing
 */
export function firstFound(files: LocationFiles, match: string, found: FoundFiles): FoundFile {
  const [first] = found.files
  if (first) return first
  throw new AppError('file-missing', `No file in ${files.name} matches ${match}. Nothing was loaded.`, {
    facts: { location: files.name, match },
  })
}

/**
 * The paths of all files that match a pattern now.
 *
 * @throws {AppError} file-missing; invalid-request for more files than a load has
 */
export async function findPaths(files: LocationFiles, match: string, signal: AbortSignal): Promise<string[]> {
  const found = await findFiles(files, match, signal)
  const facts = { location: files.name, match, fileCount: found.files.length }
  if (!found.isComplete)
    throw new AppError(
      'invalid-request',
      `The folders of ${files.name}/${match} have more than ${formatCount(MAX_SEARCHED_ENTRIES)} files and folders. Nothing was loaded. Begin the pattern with a folder.`,
      { facts },
    )
  if (found.files.length > MAX_LOADED_FILES)
    throw new AppError(
      'invalid-request',
      `${files.name}/${match} matches ${formatQuantity(found.files.length, 'file')}, and a load has at most ${formatCount(MAX_LOADED_FILES)}. Nothing was loaded. Choose a narrower pattern.`,
      { facts },
    )
  firstFound(files, match, found)
  return found.files.map(({ path }) => path)
}

async function openLocations(
  services: LocationServices,
  input: readonly InputSource[],
): Promise<ReadonlyMap<string, LocationFiles>> {
  const locations = new Map<string, LocationFiles>()
  for (const source of input)
    if ('loadLocation' in source && !locations.has(source.loadLocation))
      locations.set(source.loadLocation, await openLoadLocation(services, source.loadLocation))
  return locations
}

function requireOpened(
  locations: ReadonlyMap<string, LocationFiles>,
  { loadLocation }: LocationFile | LocationPattern,
): LocationFiles {
  const files = locations.get(loadLocation)
  if (files === undefined) throw new Error(`The location ${loadLocation} is not open.`)
  return files
}
