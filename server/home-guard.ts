import 'server-only'
import { chmodSync, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Config } from '@/server/config'
import { rootLength } from '@/server/storage/location-gate'

/** What the group and others may not do. */
const OTHERS = 0o077

/**
 * Looks at a start whether other users of this machine may read what a home holds. Files of secrets that they may read
 * are closed to them; everything else is only told, since somebody may have shared the warehouse or the database with
 * another program on purpose.
 *
 * @returns a sentence about each finding, and what to do
 */
export function guardHome(config: Config): string[] {
  const { homeDir, databaseFile } = config
  const secrets = path.join(homeDir, 'secrets')
  const opened = [secrets, ...readdirSync(secrets).map((name) => path.join(secrets, name))].filter(isOpenToOthers)
  return [
    ...opened.map(closeToOthers),
    ...[homeDir, databaseFile].filter(isOpenToOthers).map(openText),
    ...rootsAround(config, secrets).map(
      (root) =>
        `${root} holds ${secrets}: whoever may name a location there may have the secrets of this home read. ` +
        'Name a folder that the home is not in.',
    ),
  ]
}

function isOpenToOthers(file: string): boolean {
  return existsSync(file) && (statSync(file).mode & OTHERS) !== 0
}

function closeToOthers(file: string): string {
  const before = modeOf(file)
  const closed = statSync(file).isDirectory() ? '700' : '600'
  const text = `Other users of this machine could read ${file} (mode ${before})`
  try {
    chmodSync(file, Number.parseInt(closed, 8))
  } catch {
    return `${text}, and this user may not change that: chmod ${closed} ${file}`
  }
  return `${text}; Lakeshore has changed it to ${closed}. Whoever may have read it knows it still.`
}

function openText(file: string): string {
  const closed = statSync(file).isDirectory() ? '700' : '600'
  return `Other users of this machine may read ${file} (mode ${modeOf(file)}). If that is not wanted: chmod ${closed} ${file}`
}

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8).padStart(3, '0')
}

/** Folders that requests and connections may name, and that the secrets are in. */
function rootsAround({ storage, localRoots }: Config, secrets: string): string[] {
  const roots = [...(storage.kind === 'local' ? storage.roots : []), ...localRoots]
  return roots.filter((root) => rootLength(`file://${realpathSync(secrets)}`, [root, realLocation(root)]) !== null)
}

function realLocation(root: string): string {
  const folder = root.slice('file://'.length)
  return existsSync(folder) ? `file://${realpathSync(folder)}` : root
}
