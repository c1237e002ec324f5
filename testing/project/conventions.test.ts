import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

/** What no compiler says about the house itself. */

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

function filesMatching(pattern: RegExp): string[] {
  const files = tracked.filter((file) => pattern.test(file))
  expect(files, String(pattern)).not.toEqual([])
  return files
}

it('pins every dependency to one version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  expect(loose).toEqual([])
})

it('names no registry in the lock file, so that each machine uses its own', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved": "http')
})

it('has no dead link in its documents', () => {
  const deadLinks = filesMatching(/\.md$/).flatMap((file) =>
    [...stripCode(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(path.join(path.dirname(file), decodeURI(target))))
      .map((target) => `${file}: ${target}`),
  )
  expect(deadLinks).toEqual([])
})

it('gives every decision its headings', () => {
  for (const file of filesMatching(/^docs\/decisions\/\d{3}-.*\.md$/)) {
    const text = readFileSync(file, 'utf8')
    for (const heading of ['Date', 'Status', 'Context', 'Decision', 'Consequences'])
      expect(text, file).toContain(`**${heading}**`)
  }
})

it('keeps every file of the server from the browser', () => {
  // Plain Node runs these by themselves.
  const withoutCondition = new Set(['server/db/sqlite/writer-thread.ts', 'server/db/sqlite/file-watch.ts'])
  const unguardedFiles = filesMatching(/^server\/.*(?<!\.test)\.tsx?$/).filter(
    (file) =>
      !withoutCondition.has(file) &&
      !/^(\/\/[^\n]*\n|\/\*[\s\S]*?\*\/\s*)*import 'server-only'/.test(readFileSync(file, 'utf8')),
  )
  expect(unguardedFiles).toEqual([])
})

it('reads settings in one place', () => {
  const readers = filesMatching(/^server\/.*(?<!\.test)\.tsx?$/).filter((file) =>
    /process\.env\b(?!`)/.test(readFileSync(file, 'utf8')),
  )
  expect(readers).toEqual(['server/config/settings.ts'])
})

it('makes services where programs begin, and hands them down from there', () => {
  const makers = filesMatching(/^(server|lib|components|app)\/.*(?<!\.(test|interop))\.tsx?$|^[a-z]+\.ts$/).filter(
    (file) =>
      /(?<!function )\b(readConfig|openDatabase|createServices|createProgram)\(/.test(readFileSync(file, 'utf8')),
  )
  expect(makers.toSorted()).toEqual([
    'instrumentation.ts',
    'server/cli/main.ts',
    'server/program/create-program.ts',
    'server/program/create-services.ts',
    'server/web/main.ts',
    'server/worker/main.ts',
  ])
})

it('keeps no state in the modules of the server, but in services', () => {
  const allowed = new Set([
    // Where processes begin.
    'server/cli/main.ts',
    'server/web/main.ts',
    'server/worker/main.ts',
    // A thread that has nothing else.
    'server/db/sqlite/writer-thread.ts',
    // Filled as the module loads, and never changed.
    'server/http-out/metadata-addresses.ts',
    // What follows from its key alone, and is kept for as long as the key: any program may find it there.
    'server/iceberg-rest/load-table-result.ts',
    'server/ingest/cast/text-value.ts',
    'server/storage/s3/request-signer.ts',
  ])
  const stateful = filesMatching(/^server\/.*(?<!\.(test|interop))\.ts$/).filter((file) =>
    /^(export )?(let |var |const \w+(: [^=\n]+)? = (new \w+(<.*>)?\(\)|new LRUCache\b|\[\]|\{\}))/m.test(
      readFileSync(file, 'utf8'),
    ),
  )
  expect(stateful.filter((file) => !allowed.has(file))).toEqual([])
})

/** A document's own words: what stands in code is not a link, though it may look like one. */
function stripCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
}
