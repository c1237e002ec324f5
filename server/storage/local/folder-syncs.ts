import 'server-only'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type SyncFolder = (folder: string) => Promise<void>

/** Shares syncs of the same folder: one takes as long for one entry as for many, so calls while it runs get the next one. */
export function shareSyncs(sync: SyncFolder): SyncFolder {
  const syncs = new Map<string, { running: Promise<void>; next: Promise<void> | null }>()

  function start(folder: string): Promise<void> {
    const current: { running: Promise<void>; next: Promise<void> | null } = { running: sync(folder), next: null }
    syncs.set(folder, current)
    const end = () => {
      if (current.next === null) syncs.delete(folder)
    }
    current.running.then(end, end)
    return current.running
  }

  return (folder) => {
    const current = syncs.get(folder)
    if (current === undefined) return start(folder)
    const startNext = () => start(folder)
    // The one that runs may have begun before the entry existed.
    current.next ??= current.running.then(startNext, startNext)
    return current.next
  }
}

/** Makes the entries of folders durable. */
export function createFolderSync(): SyncFolder {
  return shareSyncs(async (folder) => {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}
