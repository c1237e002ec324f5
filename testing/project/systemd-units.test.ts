import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const FOLDER = 'deploy/systemd'
const units = readdirSync(FOLDER)
const readUnit = (unit: string) => readFileSync(path.join(FOLDER, unit), 'utf8')
const canVerify = spawnSync('systemd-analyze', ['--version']).status === 0

it('provides one unit for all processes, and one for each process', () => {
  expect(units.toSorted()).toEqual(['lakeshore-web.service', 'lakeshore-worker.service', 'lakeshore.service'])
})

it.each(units)('%s starts programs that exist or that the build creates', (unit) => {
  const commands = [...readUnit(unit).matchAll(/^ExecStart(?:Pre)?=(.*)$/gm)].map(([, command = '']) =>
    command.split(' '),
  )
  expect(commands.length).toBeGreaterThan(0)
  const bundles = readFileSync('scripts/build-server.mjs', 'utf8')
  for (const [node, ...args] of commands) {
    const [program = '', verb = ''] = args.filter((arg) => !arg.startsWith('--'))
    const [, bundle] = /^build\/(\w+)\.mjs$/.exec(program) ?? []
    const exists =
      bundle === undefined
        ? existsSync(program) && existsSync(`scripts/${verb}.ts`)
        : new RegExp(`^ +'?${bundle}'?: 'server/`, 'm').test(bundles)
    expect([node, exists], program).toEqual(['/usr/bin/node', true])
  }
})

it.each(units)('%s is named in the operations page', (unit) => {
  expect(readFileSync('docs/operations.md', 'utf8')).toContain(unit)
})

it.skipIf(!canVerify)(
  'systemd accepts every line of every unit (skipped when systemd-analyze is not installed)',
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-units-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const files = units.map((unit) => {
      const file = path.join(folder, unit)
      // systemd checks that the program exists, whose path differs between machines.
      writeFileSync(file, readUnit(unit).replaceAll('/usr/bin/node', process.execPath))
      return file
    })
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' })
    // It may complain about other units of the machine as well.
    expect(stderr.split('\n').filter((line) => line.includes('lakeshore'))).toEqual([])
    expect(status).toBe(0)
  },
)
