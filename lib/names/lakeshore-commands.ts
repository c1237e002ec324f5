import type { Namespace } from './identifiers'
import { toDottedName } from './dotted-name'

/**
 * Every command that pages and messages show, as it can be copied into a shell: in the folder of Lakeshore, because no
 * program called `lakeshore` is on the path. Placeholders are in angle brackets.
 */
export const lakeshoreCommands = {
  acceptSecrets: () => lakeshoreCommand('init', '--accept-secrets'),
  acceptWarehouse: () => lakeshoreCommand('init', '--accept-warehouse'),
  copyState: () => lakeshoreCommand('state', 'copy', '--to', '<address>'),
  followHome: (homeDir: string) => `LAKESHORE_HOME=${shellWord(homeDir)} ${lakeshoreCommand('home', 'follow')}`,
  listRejects: (runId: string) => lakeshoreCommand('jobs', 'rejects', runId),
  proposeLoad: () => lakeshoreCommand('ingest', '<namespace.table>', '<file>', '--propose', '<title>'),
  proposeRowDeletion: () =>
    lakeshoreCommand('table', 'delete-rows', '<namespace.table>', '--where', '<filter>', '--propose', '<title>'),
  restore: (homeDir: string | null) =>
    lakeshoreCommand('restore', '--from', '<backup>', ...(homeDir === null ? [] : ['--home', homeDir])),
  setPassword: (username: string) => lakeshoreCommand('user', 'passwd', username),
  switchPolicyOff: ({ catalog, namespace }: { catalog: string; namespace: Namespace }) =>
    lakeshoreCommand('policy', 'off', toDottedName(namespace), '--catalog', catalog),
} as const

const PREFIX = 'npm run lakeshore --'
const MAX_LINE_CHARS = 120
const VERB_USE = /(?<![\w./-])lakeshore (?=[a-z<])/g

/**
 * The same for the help of the command line, which calls itself `lakeshore`, in its lines of use and in its sentences.
 * Lines that become too long for a terminal are broken, and go on below their beginning.
 */
export function withShellCommands(help: string): string {
  return help
    .replaceAll(VERB_USE, `${PREFIX} `)
    .split('\n')
    .flatMap((line) => breakLine(line))
    .join('\n')
}

function breakLine(line: string): string[] {
  if (line.length <= MAX_LINE_CHARS) return [line]
  const at = line.lastIndexOf(' ', MAX_LINE_CHARS)
  const indent = /^(?:Use:)? */.exec(line)?.[0].length ?? 0
  if (at <= indent) return [line]
  return [line.slice(0, at), ...breakLine(`${' '.repeat(indent)}${line.slice(at + 1)}`)]
}

function lakeshoreCommand(...words: readonly string[]): string {
  return [PREFIX, ...words.map(shellWord)].join(' ')
}

/** A word as a shell takes it; a placeholder stays as it is. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word) || /^<[\w. -]+>$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
