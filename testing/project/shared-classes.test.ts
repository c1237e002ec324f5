import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Neither TypeScript nor the build checks class names, which are plain text: a misspelt one would have no effect. */

const SHARED = 'app/shared.css'

const listFiles = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(css|tsx?)$/.test(file) && !/\.test\.tsx?$/.test(file))

const namesIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^\.([\w-]+)/gm)].map(([, name = '']) => name)

type Use = { file: string; name: string }

const toUses = (file: string, names: string): Use[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ file, name }))

/** Names in `className="…"`, and those that a condition in `className={…}` chooses from. */
function usesInCode(file: string): Use[] {
  const code = readFileSync(file, 'utf8')
  const plain = [...code.matchAll(/[cC]lassName="([^"]+)"/g)]
  const chosen = [...code.matchAll(/[cC]lassName=\{([^{}]*)\}/g)].flatMap(([, expression = '']) => [
    ...expression.matchAll(/[?:]\s*'([^']+)'/g),
  ])
  return [...plain, ...chosen].flatMap(([, names = '']) => toUses(file, names))
}

function usesInStyles(file: string): Use[] {
  const composed = readFileSync(file, 'utf8').matchAll(/composes: ([\w\s-]+?) from global;/g)
  return [...composed].flatMap(([, names = '']) => toUses(file, names))
}

const sheets = listFiles('components/*.css')
const code = listFiles('components/*.tsx', 'components/*.ts', 'app/*.tsx')
const uses = [...sheets.flatMap(usesInStyles), ...code.flatMap(usesInCode)]

it('finds where shared classes are used', () => {
  expect(uses.length).toBeGreaterThan(500)
})

it('uses no shared class that does not exist', () => {
  const defined = new Set([...namesIn(SHARED), ...namesIn('app/globals.css'), 'mono'])
  const unknown = uses.filter(({ name }) => !defined.has(name) && !name.startsWith('mantine-'))
  expect(unknown).toEqual([])
})

it('needs every shared class in two files or more', () => {
  const counts = new Map<string, number>()
  for (const { name } of uses) counts.set(name, (counts.get(name) ?? 0) + 1)
  expect(namesIn(SHARED).filter((name) => (counts.get(name) ?? 0) < 2)).toEqual([])
})
