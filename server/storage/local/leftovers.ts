import 'server-only'
import { errorCode } from '@/server/error-code'
import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir, rmdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import { isDraftName } from './draft'

/** A write takes seconds, so a file that was not changed for this long belongs to a dead process. */
const MIN_LEFTOVER_AGE_MS = 60 * 60_000
/** The limit for one round: half a minute on a local disk whose folders are cached, longer otherwise. */
const MAX_ENTRIES_SEEN = 2_000_000
/** Folders that writers create for a table's files. An empty folder of another name may be there on purpose. */
const FILE_FOLDERS = new Set(['metadata', 'data'])
/** The entry was removed in the meantime, is no longer empty, or cannot be removed by this user. */
const EXPECTED_CODES = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EBUSY', 'EROFS'])

export type LeftoverOptions = { nowMs: number; signal: AbortSignal; maxEntriesSeen?: number }

/** `isComplete` is false when the round ended at its limit. */
export type RemovedLeftovers = { drafts: number; folders: number; entriesSeen: number; isComplete: boolean }

/**
 * Removes leftovers of killed writes below a folder: drafts, empty folders for files, and folders around them that
 * become empty. All of them must be old. Removes no other file and follows no link.
 *
 * Costs one listing of each folder and a stat of each draft and empty folder. A round ends at a limit; folders come in
 * no fixed order, so the next round sees others.
 *
 * @param root a real path, which is not removed
 */
export async function removeLeftovers(
  root: string,
  { nowMs, signal, maxEntriesSeen = MAX_ENTRIES_SEEN }: LeftoverOptions,
): Promise<RemovedLeftovers> {
  const removed: RemovedLeftovers = { drafts: 0, folders: 0, entriesSeen: 0, isComplete: true }
  const isOld = (stat: Stats) => nowMs - stat.mtimeMs > MIN_LEFTOVER_AGE_MS
  await cleanFolder(root, false)
  return removed

  /** @returns whether the folder no longer exists */
  async function cleanFolder(folder: string, isFileFolder: boolean): Promise<boolean> {
    signal.throwIfAborted()
    if (!removed.isComplete) return false
    const folderStat = await lstatIfPresent(folder)
    if (folderStat === null) return true
    const contents = await listFolder(folder)
    if (contents === null) return false
    let remainingCount = contents.otherFiles + contents.folders.length
    for (const name of contents.drafts) {
      const isRemoved = await removeDraft(path.join(folder, name))
      if (!isRemoved) remainingCount += 1
    }
    for (const name of shuffle(contents.folders)) {
      const isRemoved = await cleanFolder(path.join(folder, name), isFileFolder || FILE_FOLDERS.has(name))
      if (isRemoved) remainingCount -= 1
    }
    const wasEmptied = contents.drafts.length + contents.folders.length > 0
    const canRemove =
      folder !== root &&
      remainingCount === 0 &&
      contents.isComplete &&
      isOld(folderStat) &&
      (isFileFolder || wasEmptied)
    if (!canRemove || !(await tryRemove(() => rmdir(folder)))) return false
    removed.folders += 1
    return true
  }

  async function removeDraft(file: string): Promise<boolean> {
    const stat = await lstatIfPresent(file)
    if (stat === null) return true
    if (!stat.isFile() || !isOld(stat) || !(await tryRemove(() => unlink(file)))) return false
    removed.drafts += 1
    return true
  }

  /** Null when the folder cannot be read or no longer exists. */
  async function listFolder(folder: string) {
    const drafts: string[] = []
    const folders: string[] = []
    let otherFiles = 0
    try {
      for await (const entry of await opendir(folder, { bufferSize: 256 })) {
        if (removed.entriesSeen >= maxEntriesSeen) {
          removed.isComplete = false
          return { drafts, folders, otherFiles, isComplete: false }
        }
        removed.entriesSeen += 1
        if (entry.isDirectory()) folders.push(entry.name)
        else if (isDraft(entry)) drafts.push(entry.name)
        else otherFiles += 1
      }
    } catch (error) {
      if (isExpectedError(error)) return null
      throw error
    }
    return { drafts, folders, otherFiles, isComplete: true }
  }
}

function isDraft(entry: Dirent): boolean {
  return entry.isFile() && isDraftName(entry.name)
}

/** Null when the file no longer exists. */
async function lstatIfPresent(filePath: string): Promise<Stats | null> {
  try {
    return await lstat(filePath)
  } catch (error) {
    if (isExpectedError(error)) return null
    throw error
  }
}

async function tryRemove(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove()
    return true
  } catch (error) {
    if (isExpectedError(error)) return false
    throw error
  }
}

function shuffle(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, sortKey: Math.random() }))
    .sort((a, b) => a.sortKey - b.sortKey)
    .map(({ name }) => name)
}

function isExpectedError(error: unknown): boolean {
  return EXPECTED_CODES.has(errorCode(error) ?? '')
}
