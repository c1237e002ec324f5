import 'server-only'
import { closeSync, copyFileSync, chmodSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'

/** Copies a file durably, readable by its owner only. */
export function copyPrivately(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 })
  copyFileSync(from, to)
  chmodSync(to, 0o600)
  syncToDisk(to)
}

/** Makes a file, or the entries of a folder, durable. */
export function syncToDisk(fileOrFolder: string): void {
  const handle = openSync(fileOrFolder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
