import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { constants, type Stats } from 'node:fs'
import { copyFile, type FileHandle, link, open, opendir, rm, rmdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { requireLocalPath } from '../../locations/location-gate'
import { type ByteRange, MAX_READ_BYTES, type ObjectStore } from '../object-store'
import { draftPath } from './draft'
import { tooManyFilesError, truncatedError, withTranslatedErrors } from '../storage-errors'
import { translateFileError } from './file-errors'
import { listFolderPage } from './list-folder'
import { createFolderSync, type SyncFolder } from './folder-syncs'
import { ensureFolder, isWithoutSymlinks, realPathInside } from './folders'

const STREAM_CHUNK_BYTES = 256 * 1024
const MAX_FOLDER_ATTEMPTS = 5
/**
 * Without O_NONBLOCK, a pipe without a writer would block the thread that opens it, and four of them would block all
 * file access of the process.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
/** Why a folder stays: it is not empty, is not a folder, or cannot be removed by this user. */
const NOT_REMOVABLE_CODES = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EBUSY', 'EROFS']

/**
 * The local file system as an object store. A new file is written as a draft in the target's folder, fsynced, and
 * linked to its name without replacing anything; then the folder is fsynced. After a power cut the file is complete or
 * missing.
 *
 * @param roots folders as `file:///…` locations; nothing outside them is read or written, not even through a symlink
 */
export function localStore(roots: readonly string[]): ObjectStore {
  const rootPaths = roots.map((root) => requireLocalPath(root, [root]))
  const syncFolder = createFolderSync()

  async function openFile(location: string): Promise<FileHandle> {
    const filePath = requireLocalPath(location, roots)
    return translateErrors(location, async () => {
      const file = await open(await realPathInside(filePath, rootPaths), OPEN_FLAGS)
      try {
        requireFile(await file.stat(), location)
        return file
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  /**
   * Creates the folder of a new file and writes the file. Until the folder has a file, another process may remove it
   * again.
   */
  async function writeInFolder(
    location: string,
    write: (folder: string, target: string) => Promise<void>,
  ): Promise<void> {
    const filePath = requireLocalPath(location, roots)
    for (let attempt = 1; ; attempt += 1) {
      try {
        const folder = await ensureFolder(path.dirname(filePath), rootPaths, syncFolder)
        return await write(folder, path.join(folder, path.basename(filePath)))
      } catch (error) {
        if (!hasErrorCode(error, 'ENOENT') || attempt === MAX_FOLDER_ATTEMPTS) throw error
      }
    }
  }

  return {
    checkLocation(location) {
      requireLocalPath(location, roots)
    },

    async read(location, { range, maxBytes = MAX_READ_BYTES, signal } = {}) {
      signal?.throwIfAborted()
      const file = await openFile(location)
      try {
        const { start, end } = range ?? { start: 0, end: (await file.stat()).size }
        if (end - start > maxBytes) throw tooLargeError(location, end - start, maxBytes)
        const bytes = new Uint8Array(end - start)
        await translateErrors(location, () => readFully(file, bytes, start, location, signal))
        return bytes
      } finally {
        await file.close()
      }
    },

    async stream(location, { range, signal }) {
      signal?.throwIfAborted()
      return createStream(await openFile(location), range, location, signal)
    },

    async sizeBytes(location, { signal } = {}) {
      signal?.throwIfAborted()
      const file = await openFile(location)
      try {
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    },

    async readVersion(location, { signal } = {}) {
      signal?.throwIfAborted()
      const file = await openFile(location)
      try {
        const { size, ino, mtimeNs, ctimeNs } = await file.stat({ bigint: true })
        return { sizeBytes: Number(size), version: `${ino}-${mtimeNs}-${ctimeNs}` }
      } finally {
        await file.close()
      }
    },

    async writeNew(location, bytes) {
      const write = async (folder: string, target: string) => {
        const draft = draftPath(folder, target)
        try {
          const file = await open(draft, 'wx')
          try {
            await file.writeFile(bytes)
            await file.sync()
          } finally {
            await file.close()
          }
          await linkNew(draft, target)
        } finally {
          await rm(draft, { force: true })
        }
        await syncName(folder, target, syncFolder)
      }
      await translateErrors(location, () => writeInFolder(location, write))
    },

    async importFile(localPath, location) {
      const move = async (folder: string, target: string) => {
        try {
          await syncFile(localPath)
          await linkNew(localPath, target)
        } catch (error) {
          if (!hasErrorCode(error, 'EXDEV')) throw error
          await copyAcrossDevices(localPath, folder, target)
        }
        await syncName(folder, target, syncFolder)
        await removeFile(localPath)
      }
      await translateErrors(location, () => writeInFolder(location, move))
    },

    async copyNew(from, to) {
      requireLocalPath(from, roots)
      requireLocalPath(to, roots)
      return 'not-supported'
    },

    async listNames(folder, { limit, signal }) {
      const folderPath = requireLocalPath(folder, roots)
      return translateErrors(folder, async () => {
        const names: string[] = []
        try {
          for await (const entry of await opendir(await realPathInside(folderPath, rootPaths))) {
            signal?.throwIfAborted()
            if (!entry.isDirectory()) names.push(entry.name)
            if (names.length > limit) throw tooManyFilesError(folder, limit)
          }
        } catch (error) {
          if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw error
        }
        return names
      })
    },

    async listFolder(folder, { limit, pageToken, signal }) {
      const folderPath = requireLocalPath(folder, roots)
      return translateErrors(folder, async () => {
        try {
          return await listFolderPage(await realPathInside(folderPath, rootPaths), { limit, after: pageToken, signal })
        } catch (error) {
          if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) {
            return { folders: [], files: [], nextPageToken: null, isMissing: true }
          }
          throw error
        }
      })
    },

    async hasFiles(location) {
      const folderPath = requireLocalPath(location, roots)
      return translateErrors(location, async () => {
        try {
          const folder = await opendir(await realPathInside(folderPath, rootPaths))
          const first = await folder.read()
          await folder.close()
          return first !== null
        } catch (error) {
          if (hasErrorCode(error, 'ENOENT')) return false
          if (hasErrorCode(error, 'ENOTDIR')) return true
          throw error
        }
      })
    },

    async remove(location) {
      const filePath = requireLocalPath(location, roots)
      await translateErrors(location, async () => {
        try {
          const folder = await realPathInside(path.dirname(filePath), rootPaths)
          await rm(path.join(folder, path.basename(filePath)))
        } catch (error) {
          // A file with an impossible name does not exist.
          if (!hasErrorCode(error, 'ENOENT') && !hasErrorCode(error, 'ENAMETOOLONG')) throw error
        }
      })
    },

    async removeEmptyFolder(location) {
      const folderPath = requireLocalPath(location, roots)
      if (rootPaths.includes(folderPath)) return false
      return translateErrors(location, async () => {
        try {
          if (!(await isWithoutSymlinks(path.dirname(folderPath), rootPaths))) return false
          // The system's rmdir removes no links and no folder that is not empty.
          await rmdir(folderPath)
          return true
        } catch (error) {
          if (hasErrorCode(error, 'ENOENT')) return true
          if (hasErrorCode(error, ...NOT_REMOVABLE_CODES)) return false
          throw error
        }
      })
    },
  }
}

/** @throws {AppError} file-missing */
function requireFile(stat: Stats, location: string): void {
  if (stat.isFile()) return
  const kind = stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a pipe' : 'a device'
  throw new AppError('file-missing', `There is ${kind} at this location, not a file.`, { facts: { location } })
}

/** Links a finished file to its name, which must be free. */
async function linkNew(source: string, target: string): Promise<void> {
  try {
    await link(source, target)
  } catch (error) {
    // Some file systems (FAT, some network ones) have no hard links. An exclusive copy does not replace a file either.
    if (!hasErrorCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) throw error
    await copyFile(source, target, constants.COPYFILE_EXCL)
    await syncFile(target)
  }
}

/** Makes the name of a new file durable. On failure it removes the file and throws. */
async function syncName(folder: string, target: string, syncFolder: SyncFolder): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (error) {
    await rm(target, { force: true })
    throw error
  }
}

/** In one call: `rm` looks at the file first. */
async function removeFile(localPath: string): Promise<void> {
  try {
    await unlink(localPath)
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
  }
}

async function copyAcrossDevices(source: string, folder: string, target: string): Promise<void> {
  const draft = draftPath(folder, target)
  try {
    await copyFile(source, draft, constants.COPYFILE_EXCL)
    await syncFile(draft)
    await linkNew(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}

async function syncFile(localPath: string): Promise<void> {
  const file = await open(localPath, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Fills `bytes` from offset `start`. A file that ends earlier is damaged; it is never read as a shorter one. */
async function readFully(file: FileHandle, bytes: Uint8Array, start: number, location: string, signal?: AbortSignal) {
  let filled = 0
  while (filled < bytes.length) {
    signal?.throwIfAborted()
    const length = Math.min(bytes.length - filled, 16 * 1024 * 1024)
    const { bytesRead } = await file.read(bytes, filled, length, start + filled)
    if (bytesRead === 0) throw truncatedError(location, start + bytes.length, start + filled)
    filled += bytesRead
  }
}

function translateErrors<Result>(location: string, work: () => Promise<Result>): Promise<Result> {
  return withTranslatedErrors((error) => translateFileError(error, location), work)
}

function createStream(file: FileHandle, range: ByteRange, location: string, signal?: AbortSignal) {
  let position = range.start
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        signal?.throwIfAborted()
        const bytes = new Uint8Array(Math.min(STREAM_CHUNK_BYTES, range.end - position))
        await translateErrors(location, () => readFully(file, bytes, position, location, signal))
        position += bytes.length
        if (bytes.length > 0) controller.enqueue(bytes)
        if (position < range.end) return
        await file.close()
        controller.close()
      } catch (error) {
        await file.close()
        throw error
      }
    },
    cancel: () => file.close(),
  })
}

function tooLargeError(location: string, bytes: number, maxBytes: number): AppError {
  return new AppError('too-large', `Reading this file would take ${bytes} bytes of memory; ${maxBytes} are allowed.`, {
    facts: { location, bytes, maxBytes },
  })
}
