import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'
import { mapStack } from './map-stack'

it('The stack of a bundle names the positions of its sources', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-stack-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const source = path.join(folder, 'fail.ts')
  const bundle = path.join(folder, 'bundle.mjs')
  writeFileSync(
    source,
    'type Reason = string\n\nexport function fail(reason: Reason) {\n  return new Error(reason)\n}\n',
  )
  await build({ entryPoints: [source], outfile: bundle, format: 'esm', sourcemap: true, sourcesContent: false })
  const lines = readFileSync(bundle, 'utf8').split('\n')
  const line = lines.findIndex((text) => text.includes('new Error'))
  const position = `${line + 1}:${(lines[line] ?? '').indexOf('new') + 1}`
  const stackAt = (file: string) =>
    `Error: no\n    at fail (${pathToFileURL(file).href}:${position})\n    at node:fs:1:2`
  expect(mapStack(stackAt(bundle))).toBe(`Error: no\n    at fail (${source}:4:10)\n    at node:fs:1:2`)
  const without = stackAt(path.join(folder, 'other.mjs'))
  expect(mapStack(without)).toBe(without)
})
