import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SWITCH_FILE, type SwitchState } from './switch.ts'
import { switchableSource, type NumberedFault } from './switchable-source.ts'

const NOT_SEEDED: SwitchState = { seeded: null, reachFolder: null }

/** The files of the repository, with changes that are not committed. */
export function listRepository(): string[] {
  return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(file))
}

/**
 * A copy of the repository with every fault compiled in. Only changed files are written, so that caches of an earlier
 * run stay valid.
 */
export function writeScratchTree(tree: string, faults: readonly NumberedFault[]): void {
  mkdirSync(tree, { recursive: true })
  const files = new Set(listRepository())
  for (const file of files) {
    const seeded = faults.filter((fault) => fault.file === file)
    const content =
      seeded.length === 0
        ? readFileSync(file)
        : Buffer.from(switchableSource(readFileSync(file, 'utf8'), seeded, switchPath(file)))
    const target = path.join(tree, file)
    if (existsSync(target) && readFileSync(target).equals(content)) continue
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, content)
  }
  for (const folder of ['app', 'components', 'lib', 'server', 'scripts', 'testing']) removeStale(tree, folder, files)
  link(path.resolve('node_modules'), path.join(tree, 'node_modules'))
  // Files of other programs, which tests read if they exist.
  if (existsSync('../shared')) link(path.resolve('../shared'), path.join(tree, '../shared'))
  writeFileSync(path.join(tree, SWITCH_FILE), JSON.stringify(NOT_SEEDED))
}

function switchPath(file: string): string {
  return path.relative(path.dirname(file), 'scripts/seeded-faults/switch.ts')
}

function removeStale(tree: string, folder: string, files: ReadonlySet<string>): void {
  if (!existsSync(path.join(tree, folder))) return
  for (const entry of readdirSync(path.join(tree, folder), { recursive: true, withFileTypes: true })) {
    const file = path.relative(tree, path.join(entry.parentPath, entry.name))
    if (entry.isFile() && !files.has(file)) rmSync(path.join(tree, file))
  }
}

function link(target: string, at: string): void {
  if (!existsSync(at)) symlinkSync(target, at)
}
