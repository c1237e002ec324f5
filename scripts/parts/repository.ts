import { execFileSync } from 'node:child_process'

/** Runs of tests write these files. */
const RECORDS = ['testing/parts.json', 'testing/flaky.json', 'testing/hunt.json']

/** The checked out commit: its hash, and when it was made. */
export type Commit = { id: string; atMs: number }

export function readHead(): Commit {
  const [id = '', seconds = ''] = runGit('log', '-1', '--format=%H %ct').trim().split(' ')
  return { id, atMs: Number(seconds) * 1000 }
}

/** Whether this clone has the commit. A shallow one has only the last ones. */
export function hasCommit(id: string): boolean {
  try {
    runGit('cat-file', '-e', `${id}^{commit}`)
    return true
  } catch {
    // git exits with 1 or 128, as the name cannot be read or the object is missing.
    return false
  }
}

/** Files that differ between a commit and the working tree, new ones included. */
export function listChangedFiles(commit: string): string[] {
  const changed = runGit('diff', '--name-only', '-z', commit)
  const added = runGit('ls-files', '-z', '--others', '--exclude-standard')
  return [...new Set(`${changed}${added}`.split('\0').filter((file) => file !== ''))]
}

/** Whether the working tree is that of the checked out commit, apart from what runs of tests record. */
export function isCommitted(): boolean {
  return listChangedFiles(readHead().id).every((file) => RECORDS.includes(file))
}

function runGit(...args: string[]): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: Number.POSITIVE_INFINITY,
  })
}
