import { statSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** One change that this process makes on the disk. The `sync` of a folder makes the names in it durable. */
export type DiskStep =
  | { kind: 'make-folder' | 'create' | 'sync' | 'sync-folder' | 'remove'; path: string }
  | { kind: 'write'; path: string; bytes: Uint8Array }
  | { kind: 'link'; path: string; to: string }

export type DiskWatcher = {
  /** Called before the disk makes the change. If it throws, that is the disk's error. */
  before?: (step: DiskStep) => void
  after?: (step: DiskStep) => void
}

/**
 * Intercepts the disk changes of this process: every change through `node:fs/promises` is reported, in the order in
 * which it is requested. For tests of the state after a failing disk, a power cut or a killed process.
 *
 * @returns a function that stops intercepting
 */
export function watchDisk({ before, after }: DiskWatcher): () => void {
  const { open, link, rm, mkdir } = fs
  const observe = async <Result>(step: DiskStep, work: () => Promise<Result>): Promise<Result> => {
    before?.(step)
    const result = await work()
    after?.(step)
    return result
  }
  const patched = {
    open: async (path: string, flags?: string | number, mode?: number) => {
      const isNew = typeof flags === 'string' && flags !== 'r'
      const openFile = () => open(path, flags, mode)
      const handle = isNew ? await observe({ kind: 'create', path }, openFile) : await openFile()
      return watchHandle(handle, path, observe)
    },
    link: (path: string, to: string) => observe({ kind: 'link', path, to }, () => link(path, to)),
    rm: (path: string, options?: object) => observe({ kind: 'remove', path }, () => rm(path, options)),
    mkdir: (path: string, options?: { recursive: boolean }) =>
      observe({ kind: 'make-folder', path }, () => mkdir(path, options)),
  }
  const restore = () => {
    Object.assign(fs, { open, link, rm, mkdir })
    syncBuiltinESMExports()
  }
  Object.assign(fs, patched)
  syncBuiltinESMExports()
  return restore
}

function watchHandle(
  handle: FileHandle,
  path: string,
  observe: (step: DiskStep, work: () => Promise<void>) => Promise<void>,
): FileHandle {
  const writeFile = handle.writeFile.bind(handle)
  const sync = handle.sync.bind(handle)
  return Object.assign(handle, {
    writeFile: (data: string | Uint8Array) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      return observe({ kind: 'write', path, bytes }, () => writeFile(bytes))
    },
    sync: () => observe({ kind: statSync(path).isDirectory() ? 'sync-folder' : 'sync', path }, sync),
  })
}
