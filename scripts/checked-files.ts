import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The files of a working tree, with a hash of the content of each. */
export type FileHashes = Readonly<Record<string, string>>

/**
 * The tests that a check has to run again: all of them, with the reason, or those that the changed sources can reach.
 */
export type CheckScope = { kind: 'all'; reason: string } | { kind: 'reached'; sources: readonly string[] }

const RECORD = '.cache/checked.json'
const SOURCE = /^(app|benches|components|e2e|lib|scripts|server|testing)\/.*\.(ts|tsx|mjs|css|json)$/
/** Files that `pure` and `dom` tests never import. */
const UNREAD = /^(docs\/|e2e\/|benches\/|deploy\/|[^/]*\.md$)/

/** The files that git knows or would add, and the program that runs the tests. */
export function hashFiles(): FileHashes {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  }).split('\0')
  const hashes = files
    .filter((file) => file !== '' && existsSync(file) && statSync(file).isFile())
    .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('base64')])
  return Object.fromEntries([...hashes, ['node', process.version]])
}

/** The files of the last check that passed; null before the first one. */
export function readCheckedFiles(): FileHashes | null {
  return existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, 'utf8')) as FileHashes) : null
}

export function recordCheckedFiles(files: FileHashes): void {
  mkdirSync(path.dirname(RECORD), { recursive: true })
  writeFileSync(RECORD, JSON.stringify(files))
}

/**
 * Which `pure` and `dom` tests have to run after a change of `checked` into `current`. These read only their imports,
 * so a change of a source concerns only the tests that import it, directly or not.
 */
export function toCheckScope(checked: FileHashes | null, current: FileHashes): CheckScope {
  if (checked === null) return { kind: 'all', reason: 'no check has passed here yet' }
  const removed = Object.keys(checked).find((file) => !(file in current) && !UNREAD.test(file))
  if (removed !== undefined) return { kind: 'all', reason: `${removed} is gone` }
  const changed = Object.keys(current).filter((file) => checked[file] !== current[file] && !UNREAD.test(file))
  const setting = changed.find((file) => !SOURCE.test(file) || file.startsWith('testing/setup/'))
  if (setting !== undefined) return { kind: 'all', reason: `${setting} has changed` }
  return { kind: 'reached', sources: changed }
}
