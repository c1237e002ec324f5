import 'server-only'
import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir, rmdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import { isDraftName } from './draft'

/** A write takes seconds; what nobody touched for this long belongs to a process that is gone. */
const MIN_LEFTOVER_AGE_MS = 60 * 60_000
/** Of one round: half a minute on a local disk whose folders are in memory, longer where they are not. */
const MAX_ENTRIES_SEEN = 2_000_000
/** Folders that writes make for a table's files; an empty one of another name may be somebody's plan. */
const FILE_FOLDERS = new Set(['metadata', 'data'])
/** It was removed meanwhile, has something in it again, or others decide about it. */
const STAYS = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EBUSY', 'EROFS'])

export type LeftoverOptions = { nowMs: number; signal: AbortSignal; maxEntriesSeen?: number }

/** `isWhole` is false of a round that ended at its bound. */
export type LeftoversRemoved = { drafts: number; folders: number; entriesSeen: number; isWhole: boolean }

/**
 * Removes what killed writes left below a folder: drafts, and folders of files in which there is nothing, with those
 * around them that are empty then. Both have to be old. No other file is removed, no link followed.
 *
 * Costs one listing of each folder, and a look at each draft and empty folder. A round ends at a bound; folders come in
 * no fixed order, so that the next round sees others.
 *
 * @param root a real path, which stays
 */
export async function removeLeftovers(
  root: string,
  { nowMs, signal, maxEntriesSeen = MAX_ENTRIES_SEEN }: LeftoverOptions,
): Promise<LeftoversRemoved> {
  const removed: LeftoversRemoved = { drafts: 0, folders: 0, entriesSeen: 0, isWhole: true }
  const isOld = (stat: Stats) => nowMs - stat.mtimeMs > MIN_LEFTOVER_AGE_MS
  await tidyFolder(root, false)
  return removed

  /** @returns whether it is gone */
  async function tidyFolder(folder: string, isForFiles: boolean): Promise<boolean> {
    signal.throwIfAborted()
    if (!removed.isWhole) return false
    const before = await lookedAt(folder)
    if (before === null) return true
    const listed = await listing(folder)
    if (listed === null) return false
    let left = listed.otherFiles + listed.folders.length
    for (const name of listed.drafts) {
      const isGone = await removeDraft(path.join(folder, name))
      if (!isGone) left += 1
    }
    for (const name of inAnyOrder(listed.folders)) {
      const isGone = await tidyFolder(path.join(folder, name), isForFiles || FILE_FOLDERS.has(name))
      if (isGone) left -= 1
    }
    const isEmptied = listed.drafts.length + listed.folders.length > 0
    const mayGo = folder !== root && left === 0 && listed.isWhole && isOld(before) && (isForFiles || isEmptied)
    if (!mayGo || !(await isRemoved(() => rmdir(folder)))) return false
    removed.folders += 1
    return true
  }

  async function removeDraft(file: string): Promise<boolean> {
    const stat = await lookedAt(file)
    if (stat === null) return true
    if (!stat.isFile() || !isOld(stat) || !(await isRemoved(() => unlink(file)))) return false
    removed.drafts += 1
    return true
  }

  /** Null where the folder may not be read or is gone. */
  async function listing(folder: string) {
    const drafts: string[] = []
    const folders: string[] = []
    let otherFiles = 0
    try {
      for await (const entry of await opendir(folder, { bufferSize: 256 })) {
        if (removed.entriesSeen >= maxEntriesSeen) {
          removed.isWhole = false
          return { drafts, folders, otherFiles, isWhole: false }
        }
        removed.entriesSeen += 1
        if (entry.isDirectory()) folders.push(entry.name)
        else if (isDraft(entry)) drafts.push(entry.name)
        else otherFiles += 1
      }
    } catch (error) {
      if (isStaying(error)) return null
      throw error
    }
    return { drafts, folders, otherFiles, isWhole: true }
  }
}

function isDraft(entry: Dirent): boolean {
  return entry.isFile() && isDraftName(entry.name)
}

/** Null where there is nothing any more. */
async function lookedAt(named: string): Promise<Stats | null> {
  try {
    return await lstat(named)
  } catch (error) {
    if (isStaying(error)) return null
    throw error
  }
}

async function isRemoved(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove()
    return true
  } catch (error) {
    if (isStaying(error)) return false
    throw error
  }
}

function inAnyOrder(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name)
}

function isStaying(error: unknown): boolean {
  return error instanceof Error && 'code' in error && STAYS.has(String(error.code))
}
