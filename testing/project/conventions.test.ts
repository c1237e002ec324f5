import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

/** Rules of the repository that no compiler checks. */

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

function filesMatching(pattern: RegExp): string[] {
  const files = tracked.filter((file) => pattern.test(file))
  expect(files, String(pattern)).not.toEqual([])
  return files
}

it('The project pins every dependency to one version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  expect(loose).toEqual([])
})

it('The project names no registry in the lock file, so each machine uses its own', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved": "http')
})

it('The project has no dead links in its documents', () => {
  const deadLinks = filesMatching(/\.md$/).flatMap((file) =>
    [...stripCode(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(path.join(path.dirname(file), decodeURI(target))))
      .map((target) => `${file}: ${target}`),
  )
  expect(deadLinks).toEqual([])
})

it('The project gives every decision its headings', () => {
  for (const file of filesMatching(/^docs\/decisions\/\d{3}-.*\.md$/)) {
    const text = readFileSync(file, 'utf8')
    for (const heading of ['Date', 'Status', 'Context', 'Decision', 'Consequences'])
      expect(text, file).toContain(`**${heading}**`)
  }
})

it('The project keeps every file of the server out of the browser', () => {
  // Plain Node runs these files directly.
  const withoutCondition = new Set(['server/db/sqlite/writer-thread.ts', 'server/db/sqlite/file-watch.ts'])
  const unguardedFiles = filesMatching(/^server\/.*(?<!\.test)\.tsx?$/).filter(
    (file) =>
      !withoutCondition.has(file) &&
      !/^(\/\/[^\n]*\n|\/\*[\s\S]*?\*\/\s*)*import 'server-only'/.test(readFileSync(file, 'utf8')),
  )
  expect(unguardedFiles).toEqual([])
})

it('The project reads settings in one place', () => {
  const readers = filesMatching(/^server\/.*(?<!\.test)\.tsx?$/).filter((file) =>
    /process\.env\b(?!`)/.test(readFileSync(file, 'utf8')),
  )
  expect(readers).toEqual(['server/config/settings.ts'])
})

it('The project creates services only where programs begin', () => {
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

it('The project keeps the state of the server in services, not in modules', () => {
  const allowed = new Set([
    // Where processes begin.
    'server/cli/main.ts',
    'server/web/main.ts',
    'server/worker/main.ts',
    // A thread with nothing else in it.
    'server/db/sqlite/writer-thread.ts',
    // Filled when the module loads, never changed later.
    'server/http-out/metadata-addresses.ts',
    // Caches whose values follow from the key alone and live as long as the key, so programs may share them.
    'server/auth/actor.ts',
    'server/auth/sign-in/session-cookie.ts',
    'server/iceberg-rest/load-table-result.ts',
    'server/ingest/cast/text-value.ts',
    'server/storage/s3/request-signer.ts',
  ])
  const stateful = filesMatching(/^server\/.*(?<!\.(test|interop))\.ts$/).filter((file) =>
    // A list that is typed as readonly is no state.
    /^(export )?(let |var |const \w+(: (?!readonly )[^=\n]+)? = (new \w+(<.*>)?\(\)|new LRUCache\b|\[\]|\{\}))/m.test(
      readFileSync(file, 'utf8'),
    ),
  )
  expect(stateful.filter((file) => !allowed.has(file))).toEqual([])
})

/** A document without its code, in which text may look like a link. */
function stripCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
}
