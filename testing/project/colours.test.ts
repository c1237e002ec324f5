import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LIGHT_TOKENS } from '@/components/shell/theme/colour-tokens'
import { TEXT_TOKENS } from '@/testing/components/contrast'

/**
 * The contrast of the tokens is proven where they are (`colour-tokens.test.ts`). This holds for every page only if style
 * sheets use nothing else.
 */

const sheets = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '{app,components}/*.css', 'app/*.css', 'components/*.css'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file !== '')
  .map((file) => ({ file, css: readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '') }))

it('finds the style sheets', () => {
  expect(sheets.length).toBeGreaterThan(20)
})

it('names no colour in a style sheet but a token', () => {
  const literals = sheets.flatMap(({ file, css }) =>
    [...css.matchAll(/#[0-9a-f]{3,8}\b(?=[^{}]*;)|\b(?:rgb|rgba|hsl|hsla|oklch)\(/gi)].map(
      ([text]) => `${file}: ${text}`,
    ),
  )
  expect(literals).toEqual([])
})

it('gives text a colour whose contrast is proven', () => {
  const proven = new Set<string>([...TEXT_TOKENS, '--on-accent'])
  // With forced colours the user chooses them, in pairs.
  const systemColours = ['HighlightText', 'CanvasText', 'ButtonText']
  const unproven = sheets.flatMap(({ file, css }) =>
    [...css.matchAll(/(?<![\w-])color:\s*([^;}]+)/g)]
      .map(([, value = '']) => value.replace('!important', '').trim())
      .filter((value) => value !== 'inherit' && value !== 'transparent' && !systemColours.includes(value))
      // Mantine's own variables are tokens, too, see `cssVariablesResolver`.
      .filter(
        (value) => !value.startsWith('var(--button-') && !proven.has(/^var\((--[\w-]+)\)$/.exec(value)?.[1] ?? ''),
      )
      .map((value) => `${file}: ${value}`),
  )
  expect(unproven).toEqual([])
})

it('uses no variable that is not defined', () => {
  const defined = new Set<string>(Object.keys(LIGHT_TOKENS))
  for (const { css } of sheets) for (const [, name = ''] of css.matchAll(/(--[\w-]+)\s*:/g)) defined.add(name)
  // Variables that components set themselves.
  const inCode = execFileSync('git', ['grep', '-hoE', "'--[a-z0-9-]+'", '--', 'components', 'app'], {
    encoding: 'utf8',
  })
  for (const [, name = ''] of inCode.matchAll(/'(--[a-z0-9-]+)'/g)) defined.add(name)
  const unknown = sheets.flatMap(({ file, css }) =>
    [...css.matchAll(/var\((--[\w-]+)\)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !defined.has(name) && !name.startsWith('--mantine-'))
      .map((name) => `${file}: ${name}`),
  )
  expect(unknown).toEqual([])
})

it('colours no value as a problem but one that could not be read', () => {
  const kinds = sheets.flatMap(({ file, css }) =>
    [...css.matchAll(/([^{}]+)\{[^{}]*(?<![\w-])color:\s*var\(--removed\)/g)].flatMap(([, selectors = '']) =>
      [...selectors.matchAll(/\[data-kind="(\w+)"\]/g)].map(([, kind = '']) => `${kind} in ${file}`),
    ),
  )
  expect(kinds.filter((kind) => !kind.startsWith('failed '))).toEqual([])
  expect(kinds.length).toBeGreaterThan(1)
})
