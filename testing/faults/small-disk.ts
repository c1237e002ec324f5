import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A separate file system of a given size, for tests of disks that are full or read-only. */
export type SmallDisk = {
  /** Its mount point. */
  folder: string
  /** Fills it up to this much free space, until `makeRoom`. */
  fill: (leaveBytes?: number) => void
  freeSpace: () => void
  /** Makes it read-only for every user. */
  makeReadOnly: () => void
  remove: () => void
}

/** Null when this process may not mount one. */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  const filler = path.join(folder, 'filler')
  const stat = (format: string) => Number(execFileSync('stat', ['-f', '-c', format, folder]))
  return {
    folder,
    fill: (leaveBytes = 0) => {
      try {
        writeFileSync(filler, Buffer.alloc(Math.max(0, stat('%a') * stat('%S') - leaveBytes)))
      } catch (error) {
        // Another process wrote in between: the disk is full anyway.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      }
    },
    freeSpace: () => rmSync(filler, { force: true }),
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', folder]),
    remove: () => {
      execFileSync('umount', [folder])
      rmSync(folder, { recursive: true })
    },
  }
}

export function canMountDisk(): boolean {
  const disk = mountSmallDisk(1)
  disk?.remove()
  return disk !== null
}
