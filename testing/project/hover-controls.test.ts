import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Style sheets, without comments. */
const sheets = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.module.css'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '')
  .map((file) => ({ file, css: readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '') }))

/** The classes that are transparent until the pointer is over them or around them. */
function classesShownOnHover(css: string): string[] {
  const transparent = [...css.matchAll(/^\.([\w-]+) \{[^{}]*\bopacity: 0;/gm)].map(([, name = '']) => name)
  return transparent.filter((name) =>
    new RegExp(`^[^{}\\n]*:hover[^{}\\n]*\\.${name} \\{[^{}]*\\bopacity: 1;`, 'm').test(css),
  )
}

/** Whether a class is opaque wherever no pointer can be over it. */
function isShownWithoutHover(css: string, name: string): boolean {
  const media = [...css.matchAll(/^@media \(hover: none\)(?:,[^{]*)? \{([\s\S]*?)^\}/gm)]
  return media.some(([, rules = '']) => new RegExp(`^ +\\.${name} \\{[^{}]*\\bopacity: 1;`, 'm').test(rules))
}

it('finds the controls that show on hover', () => {
  const names = sheets.flatMap(({ css }) => classesShownOnHover(css))
  expect(names).toContain('menuButton')
  expect(names).toContain('more')
})

it('A control that shows on hover also shows on devices without hover', () => {
  const hidden = sheets.flatMap(({ file, css }) =>
    classesShownOnHover(css)
      .filter((name) => !isShownWithoutHover(css, name))
      .map((name) => `${file}: .${name}`),
  )
  expect(hidden).toEqual([])
})
