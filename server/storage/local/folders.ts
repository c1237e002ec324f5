import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { constants } from 'node:fs'
import { mkdir, open, realpath } from 'node:fs/promises'
import path from 'node:path'
import { outsideLocationError } from '@/server/locations/outside-location'

/**
 * The real path of a path that the gate accepted as text. Symlinks may lead anywhere inside a root, but not outside.
 *
 * @param roots absolute paths
 * @throws {AppError} location-refused when the real path is outside the roots
 */
export async function realPathInside(requestedPath: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(requestedPath)
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
export async function ensureFolder(folder: string, roots: readonly string[]): Promise<string> {
  const missing: string[] = []
  let existing = folder
  while (!roots.includes(existing) && !(await exists(existing))) {
    missing.unshift(path.basename(existing))
    existing = path.dirname(existing)
  }
  if (roots.includes(existing)) await createRoot(existing)
  let real = await realPathInside(existing, roots)
  for (const name of missing) {
    const child = path.join(/* turbopackIgnore: true */ real, name)
    await createFolder(child)
    await syncFolder(real)
    // Resolved again, because another process may have created a link there in the meantime.
    real = await realPathInside(child, roots)
  }
  return real
}

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Also creates the missing folders above the root. */
async function createRoot(root: string): Promise<void> {
  const missing: string[] = []
  for (let folder = root; !(await exists(folder)); folder = path.dirname(folder)) missing.unshift(folder)
  for (const folder of missing) {
    await createFolder(folder)
    await syncFolder(path.dirname(folder))
  }
}

async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await realpath(folder)
    return true
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false
    throw error
  }
}
