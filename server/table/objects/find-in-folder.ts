import 'server-only'
import { nameFilter } from '@/lib/search/name-filter'
import type { FolderPage, ObjectStore } from '@/server/storage/object-store'

/** A request looks through about so many entries of a folder; its `nextPageToken` goes on. */
const MAX_SEARCHED_ENTRIES = 10_000

export type FolderRequest = { folder?: string | undefined; search?: string | undefined; pageToken?: string | undefined }

/**
 * One page of a folder, or of its entries whose names contain a text. Stores cannot search, so the folder is read on
 * until half a page is found.
 *
 * @param options.limit at most so many entries
 * @returns `searchedCount`: entries that were looked through
 */
export async function findInFolder(
  store: Pick<ObjectStore, 'listFolder'>,
  folder: string,
  { search = '', limit, pageToken, signal }: Omit<FolderRequest, 'folder'> & { limit: number; signal: AbortSignal },
): Promise<FolderPage & { searchedCount: number }> {
  const isMatch = nameFilter(search)
  const isSearch = search.trim() !== ''
  const half = Math.ceil(limit / 2)
  const folders: FolderPage['folders'][number][] = []
  const files: FolderPage['files'][number][] = []
  let searchedCount = 0
  let isMissing = false
  for (let token = pageToken ?? null; ; ) {
    const page = await store.listFolder(folder, { limit: isSearch ? half : limit, pageToken: token, signal })
    folders.push(...page.folders.filter(isMatch))
    files.push(...page.files.filter(({ name }) => isMatch(name)))
    searchedCount += page.folders.length + page.files.length
    isMissing ||= page.isMissing
    token = page.nextPageToken
    const isEnough = !isSearch || folders.length + files.length >= half || searchedCount >= MAX_SEARCHED_ENTRIES
    if (token === null || isEnough) return { ...page, folders, files, isMissing, nextPageToken: token, searchedCount }
  }
}
