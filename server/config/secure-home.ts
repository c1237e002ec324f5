import 'server-only'
import { chmodSync, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Config } from './config'
import { rootLength } from '@/server/locations/location-gate'

/** The permission bits of the group and of others. */
const GROUP_AND_OTHERS_MASK = 0o077

/**
 * Checks at startup whether other users of this machine can read the files of a home. Secret files that they can read
 * are closed to them. Everything else is only reported, because someone may share the warehouse or the database with
 * another program on purpose.
 *
 * @returns a message for each finding, with what to do
 */
export function secureHome(config: Config): string[] {
  const { homeDir, databaseFile } = config
  const secrets = path.join(homeDir, 'secrets')
  const exposed = [secrets, ...readdirSync(secrets).map((name) => path.join(secrets, name))].filter(isExposed)
  return [
    ...exposed.map(restrictToOwner),
    ...[homeDir, databaseFile].filter(isExposed).map(describeExposure),
    ...rootsContaining(config, secrets).map(
      (root) =>
        `${root} contains ${secrets}, so users who may name a location there can read the secrets of this home. ` +
        'Choose a folder that does not contain the home.',
    ),
  ]
}

function isExposed(file: string): boolean {
  return existsSync(file) && (statSync(file).mode & GROUP_AND_OTHERS_MASK) !== 0
}

function restrictToOwner(file: string): string {
  const before = readMode(file)
  const ownerMode = statSync(file).isDirectory() ? '700' : '600'
  const text = `Other users of this machine could read ${file} (mode ${before})`
  try {
    chmodSync(file, Number.parseInt(ownerMode, 8))
  } catch {
    return `${text}, and this user may not change that: chmod ${ownerMode} ${file}`
  }
  return `${text}; Lakeshore has changed it to ${ownerMode}. A user who read it before still knows it.`
}

function describeExposure(file: string): string {
  const ownerMode = statSync(file).isDirectory() ? '700' : '600'
  return `Other users of this machine may read ${file} (mode ${readMode(file)}). To change that: chmod ${ownerMode} ${file}`
}

function readMode(file: string): string {
  return (statSync(file).mode & 0o777).toString(8).padStart(3, '0')
}

/** Folders that requests and connections may name and that contain the secrets. */
function rootsContaining({ storage, localRoots }: Config, secrets: string): string[] {
  const roots = [...(storage.kind === 'local' ? storage.roots : []), ...localRoots]
  return roots.filter((root) => rootLength(`file://${realpathSync(secrets)}`, [root, resolveLinks(root)]) !== null)
}

function resolveLinks(root: string): string {
  const folder = root.slice('file://'.length)
  return existsSync(folder) ? `file://${realpathSync(folder)}` : root
}
