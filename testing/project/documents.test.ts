import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { isSafetyTagName, SAFETY_TAG_REASONS } from '@/lib/changes/edits/safety-tag-name'

/** Documents name files and code of the repository. A rename that leaves them behind fails here. */

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

/** The changelog uses the names of its time. */
const DOCUMENTS = tracked.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')

/** The style page has names that code must not have, and patterns such as `isX`. */
const STYLE_PAGE = 'docs/style.md'

const folders = new Set(tracked.flatMap((file) => ancestorsOf(file)))
const topFolders = new Set([...folders].filter((folder) => !folder.includes('/')))

it('Every path in a document exists', () => {
  const missing = DOCUMENTS.flatMap((document) =>
    readCodeSpans(document)
      .filter(isProjectPath)
      .flatMap(expandBraces)
      .filter((named) => !hasPath(named))
      .map((named) => `${document}: ${named}`),
  )
  expect(missing).toEqual([])
})

it('Every name of code in a document exists', () => {
  const code = tracked
    .filter((file) => /\.(tsx?|mjs|cjs|js|css|service)$|(^|\/)\.env\.example$|^deploy\//.test(file))
    .map((file) => readFileSync(file, 'utf8'))
  const names = new Set(code.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []))
  const missing = DOCUMENTS.filter((document) => document !== STYLE_PAGE).flatMap((document) =>
    readCodeSpans(document)
      .flatMap((span) => /^([A-Za-z_$][\w$]*)(?:\(\))?$/.exec(span)?.[1] ?? [])
      .filter((name) => /[a-z][A-Z]/.test(name) && !names.has(name))
      .map((name) => `${document}: ${name}`),
  )
  expect(missing).toEqual([])
})

it('Every case of commit safety that a test cites is described, and every description has a test', () => {
  const cited = tracked
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\(commit-safety ([\d, ]+)\)/g)])
    .flatMap(([, numbers = '']) => numbers.split(', ').map(Number))
  const described = [...readFileSync('docs/commit-safety.md', 'utf8').matchAll(/^\| (\d+) \|/gm)].map(([, number]) =>
    Number(number),
  )
  expect(described.length).toBeGreaterThan(20)
  expect(described.toSorted(compareNumbers)).toEqual([...new Set(cited)].toSorted(compareNumbers))
})

it('The page on tables as code has the names of all tags that an export leaves out', () => {
  const named = readCodeSpans('docs/tables-as-code.md').filter((span) => span.startsWith('before-'))
  expect(named.map((name) => name.split('-')[1])).toEqual([...SAFETY_TAG_REASONS])
  expect(named.filter((name) => !name.endsWith('…')).map(isSafetyTagName)).toEqual([true])
})

it('A path may have braces, wildcards, a slash at its end, and no extension', () => {
  expect(expandBraces('lib/{iceberg,scan}/x')).toEqual(['lib/iceberg/x', 'lib/scan/x'])
  expect(hasPath('lib/errors')).toBe(true)
  expect(hasPath('testing/project/')).toBe(true)
  expect(hasPath('app/**/layout.tsx')).toBe(true)
  expect(hasPath('testing/project/nothing-here.ts')).toBe(false)
})

/** Text in backticks, without blocks of code. */
function readCodeSpans(document: string): string[] {
  const text = readFileSync(document, 'utf8').replaceAll(/```[^]*?```/g, '')
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
}

/** Whether a text is a path from the root of the repository. `x` in a name means any name. */
function isProjectPath(span: string): boolean {
  return (
    /^[\w.@()[\]{}*,/-]+$/.test(span) &&
    span.includes('/') &&
    topFolders.has(span.split('/')[0] ?? '') &&
    !/(^|\/)x\./.test(span)
  )
}

function expandBraces(text: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(text)
  if (!match) return [text]
  const [, before = '', choices = '', after = ''] = match
  return choices.split(',').flatMap((choice) => expandBraces(before + choice + after))
}

function hasPath(named: string): boolean {
  const target = named.replace(/\/$/, '')
  if (target.includes('*')) {
    const pattern = toPattern(target)
    return [...tracked, ...folders].some((existing) => pattern.test(existing))
  }
  return folders.has(target) || ['', '.ts', '.tsx', '.mjs'].some((extension) => tracked.includes(target + extension))
}

function toPattern(wildcards: string): RegExp {
  const parts = wildcards.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?'
    return part === '*' ? '[^/]*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
  })
  return new RegExp(`^${parts.join('')}$`)
}

function compareNumbers(a: number, b: number): number {
  return a - b
}

function ancestorsOf(file: string): string[] {
  const parent = path.dirname(file)
  return parent === '.' ? [] : [parent, ...ancestorsOf(parent)]
}
