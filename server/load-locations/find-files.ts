import 'server-only'
import { AppError } from '@/lib/errors'
import { parseFilePattern } from '@/lib/ingest/file-pattern'
import { clock } from '@/server/timing/clock'
import { isFilePath, type LocationFiles } from './location-files'

export type FoundFile = {
  /** Below the location. */
  path: string
  sizeBytes: number
  modifiedAtMs: number | null
}

export type FoundFiles = {
  /** In the order of their paths. */
  files: FoundFile[]
  /** False when the location has more files and folders than a search looks at. */
  isComplete: boolean
}

/** A request to a bucket returns a thousand entries, so that a search sends at most about a hundred of them. */
export const MAX_SEARCHED_ENTRIES = 100_000
const PAGE_ENTRIES = 1_000
const MAX_SEARCH_MS = 30_000

/**
 * All files of a location that match a pattern. Looks only into folders that could have some.
 *
 * @throws {AppError} location-refused for a pattern that leads out of the location
 */
export async function findFiles(files: LocationFiles, pattern: string, signal: AbortSignal): Promise<FoundFiles> {
  requirePattern(files.name, pattern)
  const { folder: first, matches, mightMatchIn } = parseFilePattern(pattern)
  const found: FoundFile[] = []
  const folders = [first]
  let searchedCount = 0
  let isComplete = true
  for (const folder of folders) {
    let pageToken: string | null = null
    do {
      if (searchedCount >= MAX_SEARCHED_ENTRIES) {
        isComplete = false
        break
      }
      const page = await listIfPresent(files, folder, { limit: PAGE_ENTRIES, pageToken, signal })
      // A page counts even if it is empty: a store may return any number of those.
      searchedCount += Math.max(1, page.entryCount)
      const toPath = (name: string) => (folder === '' ? name : `${folder}/${name}`)
      for (const { name, ...file } of page.files) if (matches(toPath(name))) found.push({ path: toPath(name), ...file })
      for (const name of page.folders) if (mightMatchIn(toPath(name))) folders.push(toPath(name))
      ;({ nextPageToken: pageToken } = page)
    } while (pageToken !== null)
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files: found, isComplete }
}

/** For a user who waits. @throws {AppError} as {@link findFiles}; too-large when the search takes longer than a page waits */
export async function findFilesSoon(
  files: LocationFiles,
  pattern: string,
  requestSignal: AbortSignal,
): Promise<FoundFiles> {
  const signal = AbortSignal.any([requestSignal, clock.deadline(MAX_SEARCH_MS)])
  try {
    return await findFiles(files, pattern, signal)
  } catch (error) {
    if (!signal.aborted || requestSignal.aborted) throw error
    throw new AppError(
      'too-large',
      `The search for ${pattern} in the location ${files.name} took longer than 30 seconds. Begin the pattern with a folder.`,
      { cause: error },
    )
  }
}

/**
 * A pattern is not a path, but what it says literally must not lead elsewhere.
 *
 * @throws {AppError} location-refused
 */
export function requirePattern(location: string, pattern: string): void {
  if (isFilePath(pattern)) return
  throw new AppError('location-refused', `${pattern} is not a pattern of paths in the location ${location}.`, {
    facts: { location, pattern },
  })
}

/** A search for files in a folder that does not exist finds none. */
async function listIfPresent(
  files: LocationFiles,
  folder: string,
  options: Parameters<LocationFiles['listFolder']>[1],
) {
  try {
    return await files.listFolder(folder, options)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'file-missing') throw error
    return { folders: [], files: [], nextPageToken: null, entryCount: 0 }
  }
}
