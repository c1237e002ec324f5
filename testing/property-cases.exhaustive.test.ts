import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { propertySeed } from './property-cases'

const files = globSync('{app,components,lib,server,testing}/**/*.test.ts', {
  exclude: ['**/*.{exhaustive,integration,interop}.test.ts'],
})
  .filter((file) => /from '(@\/testing|\.)\/property-cases'/.test(readFileSync(file, 'utf8')))
  // Long ones are files of their own.
  .filter((file) => !existsSync(file.replace('.test.ts', '.exhaustive.test.ts')))
  .toSorted()

describe(`All cases of every property, from the seed ${propertySeed()}`, () => {
  it('include those of each room', () => {
    expect(files.length).toBeGreaterThan(40)
  })

  for (const file of files)
    describe(file, async () => {
      await import(path.resolve(file))
    })
})
