import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { lakeshoreCommands, withShellCommands } from '@/lib/names/lakeshore-commands'
import { runLakeshore, VERBS } from '@/server/cli/lakeshore'

/** Every command that the product shows works as it is copied: the command line reads it. */

const ROOT = path.join(import.meta.dirname, '../..')
const PREFIX = 'npm run lakeshore -- '
const USAGE_ERROR = 2

// Commands that read settings find an empty home, and stop there.
const home = mkdtempSync(path.join(tmpdir(), 'shown-commands-'))
beforeAll(() => {
  vi.stubEnv('LAKESHORE_HOME', home)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

/** @returns the complaint of the command line about the arguments; null if it took them and went on */
async function readByCommandLine(args: readonly string[]): Promise<string | null> {
  const said: string[] = []
  const terminal = {
    print: () => {},
    printMessage: (line: string) => said.push(line),
    prompt: async () => null,
    signal: new AbortController().signal,
  }
  const code = await runLakeshore(args, terminal, () => {
    throw new Error('the arguments are read')
  })
  return code === USAGE_ERROR ? said.join('\n') : null
}

const SAMPLES: Readonly<Record<string, string>> = {
  'namespace.table': 'demo.trips',
  table: 'demo.trips',
  address: 'postgres://127.0.0.1:1/none',
  backup: '/nonexistent',
  'new folder': '/nonexistent/new',
  number: '5',
  holder: '--user ada',
  resource: '--catalog local',
  filter: 'a = 1',
  verb: 'jobs',
}

/** The words of a command as a shell would pass them on, with a sample for each placeholder and each alternative. */
function toArguments(command: string): string[] {
  const plain = command
    .replace(/^(?:LAKESHORE_HOME=\S+ )?npm run lakeshore -- /, '')
    .replaceAll(/postgres:\/\/\S+/g, SAMPLES['address'] ?? '')
    .replaceAll(/<([^<>]+)>/g, (_, name: string) => {
      const sample = SAMPLES[name] ?? 'x'
      return sample.startsWith('--') ? sample : `'${sample}'`
    })
    .split(/ (?:\||>|&&) /)[0]
  const words = (plain ?? '').match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"])+/g) ?? []
  return words
    .map((word) => (/['"]/.test(word) ? word : word.replaceAll(/[[\]…]/g, '').replace(/\|.*$/, '')))
    .map((word) =>
      word.replaceAll(/\[?'([^']*)'[\]…]*|"((?:\\.|[^"\\])*)"/g, (_, a?: string, b?: string) => a ?? b ?? ''),
    )
    .filter((word) => word !== '')
}

/** The command without its optional parts, and with each of them. */
function variantsOf(command: string): string[] {
  const named = command.replaceAll(/\[(?:options|the flags of apply)\]/g, '')
  const optional = [...named.matchAll(OPTIONAL)].map(([part]) => part.slice(1, -1).split(' | '))
  const without = named.replaceAll(OPTIONAL, '')
  return [without, ...optional.flat().map((part) => `${without} ${part}`)]
}

const OPTIONAL = /\[(?:[^[\]]|\[[^[\]]*\])*\]/g

/** A verb alone is the name of a command. */
async function complaintOf(command: string): Promise<string | null> {
  for (const variant of variantsOf(command)) {
    const args = toArguments(variant)
    if (args.length === 1 && Object.hasOwn(VERBS, args[0] ?? '')) continue
    const complaint = await readByCommandLine(args)
    if (complaint !== null) return `${args.join(' ')}: ${complaint}`
  }
  return null
}

describe('A command that is shown can be copied:', () => {
  const shown: Readonly<Record<keyof typeof lakeshoreCommands, string>> = {
    acceptSecrets: lakeshoreCommands.acceptSecrets(),
    acceptWarehouse: lakeshoreCommands.acceptWarehouse(),
    copyState: lakeshoreCommands.copyState(),
    followHome: lakeshoreCommands.followHome('/a home'),
    listRejects: lakeshoreCommands.listRejects('01K'),
    proposeLoad: lakeshoreCommands.proposeLoad(),
    proposeRowDeletion: lakeshoreCommands.proposeRowDeletion(),
    restore: lakeshoreCommands.restore('/home/of lake'),
    setPassword: lakeshoreCommands.setPassword('ada lovelace'),
    switchPolicyOff: lakeshoreCommands.switchPolicyOff({ catalog: 'local', namespace: ['my data', 'eu.west'] }),
  }

  it.each(Object.entries(shown))('by a page or a message: %s', async (_, command) => {
    expect(command).toContain(PREFIX)
    expect(await complaintOf(command.replace(/^LAKESHORE_HOME='[^']*' /, ''))).toBeNull()
  })

  it.each(Object.keys(VERBS))('by the help of the command line: %s', async (name) => {
    const help = withShellCommands(VERBS[name]?.help ?? '')
    const [use = ''] = help.split('\n\n')
    const lines = use
      .replaceAll(/\n\s+(?!\s*npm run)/g, ' ')
      .split('\n')
      .map((line) => line.replace(/^(?:Use:)?\s*/, ''))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      expect(line).toMatch(/^npm run lakeshore -- /)
      expect(await complaintOf(line), line).toBeNull()
    }
  })

  it.each(listFiles('docs/*.md', 'README.md', 'SECURITY.md', 'CONTRIBUTING.md', '.env.example'))(
    'by %s',
    async (file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/\\\n\s*/g, ' ')
      expect(text).not.toMatch(rawCommand())
      for (const [command] of text.matchAll(/npm run lakeshore -- [^`\n]+/g)) {
        expect(await complaintOf(command.replace(/\s+#.*$/, '')), command).toBeNull()
      }
    },
  )
})

it('Sources show commands only by lakeshoreCommands, and the help of the command line', () => {
  const others = listFiles('app', 'components', 'lib', 'server').filter(
    (file) => /[.]tsx?$/.test(file) && !/[.](?:test|spec)[.]/.test(file) && !file.endsWith('lakeshore-commands.ts'),
  )
  const found = others.flatMap((file) => {
    const source = readFileSync(path.join(ROOT, file), 'utf8')
      .replace(/\n {2}help: `[^]*?`,\n/, '')
      .replaceAll(/\/\*[^]*?\*\/|\/\/ .*|application_name: .*/g, '')
    return rawCommand().test(source) || source.includes('npm run lakeshore') ? [file] : []
  })
  expect(found).toEqual([])
})

/** A command as no shell finds it. Internal names of relations and locks end in other words. */
function rawCommand(): RegExp {
  return new RegExp(String.raw`(?<![\w./-])lakeshore (?:${Object.keys(VERBS).join('|')}) (?=[\w<-])`)
}

function listFiles(...patterns: string[]): string[] {
  return execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !file.startsWith('docs/decisions'))
}

it('Words are quoted for the shell, and long lines of the help are broken', () => {
  expect(lakeshoreCommands.switchPolicyOff({ catalog: 'my lake', namespace: ['a', 'it’s $HOME', "o'clock"] })).toBe(
    String.raw`npm run lakeshore -- policy off 'a.it’s $HOME.o'\''clock' --catalog 'my lake'`,
  )
  expect(withShellCommands(`Use: lakeshore table plan ${'[--flag] '.repeat(11)}`).split('\n')).toEqual([
    `Use: npm run lakeshore -- table plan ${'[--flag] '.repeat(9).trim()}`,
    `     ${'[--flag] '.repeat(2)}`,
  ])
})
