import 'server-only'
import { lstat, opendir } from 'node:fs/promises'
import path from 'node:path'
import pMap from 'p-map'
import { hasErrorCode } from '@/server/error-code'
import type { FolderPage } from '../object-store'

type Entry = { name: string; isFolder: boolean }

const MAX_PARALLEL_STATS = 16

/**
 * The entries of a folder by name, after the name `after`. Only those of the page are in memory, however many the folder
 * has. Links and devices are left out.
 */
export async function listFolderPage(
  folder: string,
  { limit, after, signal }: { limit: number; after: string | null; signal: AbortSignal | undefined },
): Promise<FolderPage> {
  let retained: Entry[] = []
  const keepFirst = () => {
    retained.sort((a, b) => (a.name < b.name ? -1 : 1))
    // One more than the page, which shows whether another page follows.
    retained = retained.slice(0, limit + 1)
  }
  for await (const entry of await opendir(folder, { bufferSize: 1_000 })) {
    signal?.throwIfAborted()
    if (!entry.isFile() && !entry.isDirectory()) continue
    if (after !== null && entry.name <= after) continue
    retained.push({ name: entry.name, isFolder: entry.isDirectory() })
    if (retained.length > 2 * limit) keepFirst()
  }
  keepFirst()
  const page = retained.slice(0, limit)
  const files = await pMap(
    page.filter(({ isFolder }) => !isFolder),
    async ({ name }) => {
      try {
        const stat = await lstat(path.join(folder, name))
        return [{ name, sizeBytes: stat.size, modifiedAtMs: Math.floor(stat.mtimeMs) }]
      } catch (error) {
        // It was removed since the folder was read.
        if (hasErrorCode(error, 'ENOENT')) return []
        throw error
      }
    },
    { concurrency: MAX_PARALLEL_STATS },
  )
  return {
    folders: page.filter(({ isFolder }) => isFolder).map(({ name }) => name),
    files: files.flat(),
    nextPageToken: retained.length > limit ? (page.at(-1)?.name ?? null) : null,
    isMissing: false,
  }
}
