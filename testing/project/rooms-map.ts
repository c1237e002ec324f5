import { execFileSync } from 'node:child_process'

const ROOMS = ['app', 'components', 'lib', 'server']
/** A room, or a part of one. Files outside of rooms are left out. */
const PART = '^(app|components|lib/[^/.]+|server/[^/.]+)/'

type DepcruiseOutput = { modules: { source: string; dependencies: { resolved: string }[] }[] }

/** Draws which room imports which, as a document with a Mermaid diagram. Takes two seconds. */
export function drawRoomsMap(): string {
  const output = execFileSync(
    'npx',
    [
      'depcruise',
      ...ROOMS,
      '--config=.dependency-cruiser.cjs',
      `--include-only=${PART}`,
      '--exclude=[.]test[.]',
      `--collapse=${PART}`,
      '--output-type=json',
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const { modules } = JSON.parse(output) as DepcruiseOutput
  const arrows = modules
    .flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => [nameOf(source), nameOf(resolved)] as const),
    )
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `  ${idOf(from)}["${from}"] --> ${idOf(to)}["${to}"]`)
  return [
    '# Rooms',
    '',
    'Which room imports which, drawn from the code. `npx vitest run testing/project/rooms-map.test.ts -u` updates it. The reasons are in [001](decisions/001-rooms-and-directions.md).',
    '',
    '```mermaid',
    'flowchart LR',
    ...[...new Set(arrows)].sort(),
    '```',
    '',
  ].join('\n')
}

function nameOf(source: string): string {
  return source.replace(/\/$/, '')
}

function idOf(name: string): string {
  return name.replaceAll(/\W/g, '_')
}
