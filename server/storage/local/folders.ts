import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { SyncFolder } from './folder-syncs'
import { outsideLocationError } from '@/server/locations/outside-location'

/**
 * The real path of a path that the gate accepted as text. Symlinks may lead anywhere inside a root, but not outside.
 *
 * @param roots absolute paths
 * @throws {AppError} location-refused when the real path is outside the roots
 */
export async function realPathInside(requestedPath: string, roots: readonly string[]): Promise<string> {
  return requireInside(await realpath(requestedPath), roots)
}

async function requireInside(real: string, roots: readonly string[]): Promise<string> {
  for (const root of roots) {
    const realRoot = await realpath(root)
    if (real === realRoot || real.startsWith(`${realRoot}${path.sep}`)) return real
  }
  throw outsideLocationError()
}

/**
 * Whether a folder is in a root by its own name, without a link between the root and the folder.
 *
 * @param roots absolute paths
 */
export async function isWithoutSymlinks(requestedPath: string, roots: readonly string[]): Promise<boolean> {
  const real = await realpath(requestedPath)
  for (const root of roots) {
    const relativePath = path.relative(root, requestedPath)
    if (relativePath.split(path.sep)[0] === '..' || path.isAbsolute(relativePath)) continue
    if (real === path.join(await realpath(root), relativePath)) return true
  }
  return false
}

/**
 * Creates a folder and the missing folders above it, each one durable, and returns its real path. Creates a missing
 * root too.
 */
export async function ensureFolder(folder: string, roots: readonly string[], syncFolder: SyncFolder): Promise<string> {
  const missing: string[] = []
  let existing = folder
  let found: string | null = null
  while (!roots.includes(existing) && (found = await realPathIfExists(existing)) === null) {
    missing.unshift(path.basename(existing))
    existing = path.dirname(existing)
  }
  if (roots.includes(existing)) await createRoot(existing, syncFolder)
  let real = await requireInside(found ?? (await realpath(existing)), roots)
  for (const name of missing) {
    const child = path.join(/* turbopackIgnore: true */ real, name)
    const isNew = await createFolder(child)
    await syncFolder(real)
    // Another process may have created a link there in the meantime.
    real = isNew ? child : await realPathInside(child, roots)
  }
  return real
}

/** Also creates the missing folders above the root. */
async function createRoot(root: string, syncFolder: SyncFolder): Promise<void> {
  const missing: string[] = []
  for (let folder = root; (await realPathIfExists(folder)) === null; folder = path.dirname(folder))
    missing.unshift(folder)
  for (const folder of missing) {
    await createFolder(folder)
    await syncFolder(path.dirname(folder))
  }
}

/** @returns false if there is something of this name already */
async function createFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error
    return false
  }
}

async function realPathIfExists(folder: string): Promise<string | null> {
  try {
    return await realpath(folder)
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null
    throw error
  }
}
