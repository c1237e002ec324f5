import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { propertySeed } from './property-cases'

// The files read it when they are imported, below. It is reset after this file (`setup/restore-globals.ts`).
process.env.PROPERTY_CASES = 'all'

const files = globSync('{app,components,lib,server,testing}/**/*.test.ts', {
  exclude: ['**/*.{exhaustive,integration,interop}.test.ts'],
})
  .filter((file) => /from '(@\/testing|\.)\/property-cases'/.test(readFileSync(file, 'utf8')))
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
