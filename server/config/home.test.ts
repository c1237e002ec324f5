import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { ConfigError, parseConfig } from './config'
import { secureHome } from './secure-home'

let folder: string
let home: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-home-'))
  home = path.join(folder, 'home')
})
afterEach(() => rmSync(folder, { recursive: true }))

const parse = (settings: Record<string, string> = {}) => parseConfig({ LAKESHORE_HOME: home, ...settings })
const readMode = (file: string) => (statSync(file).mode & 0o777).toString(8)

/** The message for an unusable home: one sentence for a person, not an internal error. */
function refusalMessage(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('it was not refused')
}

describe('An unusable home is refused with a message that names its path', () => {
  it('when it is a file', () => {
    writeFileSync(home, 'a file')
    expect(refusalMessage(parse)).toMatch(new RegExp(`^LAKESHORE_HOME: ${home}/secrets cannot be used: it is a file`))
  })

  it('when it would be below a file', () => {
    writeFileSync(home, 'a file')
    expect(refusalMessage(() => parse({ LAKESHORE_HOME: `${home}/inside` }))).toContain('it is a file, or in one')
  })

  it('when it is a link to a missing folder', () => {
    symlinkSync(path.join(folder, 'gone'), home)
    expect(refusalMessage(parse)).toContain(home)
  })

  it('when this user may not write there', () => {
    chmodSync(folder, 0o755)
    mkdirSync(home, { mode: 0o555 })
    expect(refusalMessage(() => asUnprivilegedUser(parse))).toMatch(
      /may not read and write there\. Nothing was started; make .* a folder/,
    )
  })

  it('when it was made by another user', () => {
    parse()
    chmodSync(folder, 0o755)
    chmodSync(home, 0o755)
    expect(refusalMessage(() => asUnprivilegedUser(parse))).toContain('may not read and write there')
  })

  it.skipIf(!canMountDisk())('when its disk is read-only (skipped if no file system can be mounted)', () => {
    const disk = mountSmallDisk(1)
    if (disk === null) throw new Error('it could be mounted a moment ago')
    onTestFinished(() => disk.remove())
    const LAKESHORE_HOME = path.join(disk.folder, 'home')
    parse({ LAKESHORE_HOME })
    disk.makeReadOnly()
    expect(refusalMessage(() => parse({ LAKESHORE_HOME }))).toContain('its file system is read-only')
    expect(refusalMessage(() => parse({ LAKESHORE_HOME: `${LAKESHORE_HOME}-2` }))).toContain(
      'its file system is read-only',
    )
  })

  it.skipIf(!canMountDisk())('when its disk is full (skipped if no file system can be mounted)', () => {
    const disk = mountSmallDisk(1)
    if (disk === null) throw new Error('it could be mounted a moment ago')
    onTestFinished(() => disk.remove())
    disk.fill()
    expect(refusalMessage(() => parse({ LAKESHORE_HOME: path.join(disk.folder, 'home') }))).toContain(
      'the disk is full',
    )
  })

  it('when the warehouse would be inside the secrets folder, even through a link', () => {
    parse()
    symlinkSync(path.join(home, 'secrets'), path.join(folder, 'link'))
    for (const LAKESHORE_WAREHOUSE of [`${home}/secrets`, `file://${home}/secrets/wh`, path.join(folder, 'link')]) {
      expect(refusalMessage(() => parse({ LAKESHORE_WAREHOUSE }))).toMatch(/^LAKESHORE_WAREHOUSE: .* holds the secrets/)
    }
  })
})

describe('Files that other users of the machine can read', () => {
  it('do not exist in a home that Lakeshore created', () => {
    expect(secureHome(parse())).toEqual([])
  })

  it('are reported for a folder and a database, with the command to close them, which is left to their owner', () => {
    const settings = parse()
    chmodSync(home, 0o755)
    writeFileSync(settings.databaseFile, '', { mode: 0o644 })
    expect(secureHome(settings)).toEqual([
      expect.stringContaining(`may read ${home} (mode 755). To change that: chmod 700 ${home}`),
      expect.stringContaining(`(mode 644). To change that: chmod 600 ${home}/lakeshore.db`),
    ])
    expect([home, settings.databaseFile].map(readMode)).toEqual(['755', '644'])
  })

  it('are closed when they are secrets, and reported once', () => {
    const settings = parse()
    const secret = path.join(home, 'secrets', 'secret')
    chmodSync(secret, 0o644)
    chmodSync(path.dirname(secret), 0o750)
    expect(secureHome(settings)).toEqual([
      expect.stringContaining(`could read ${home}/secrets (mode 750); Lakeshore has changed it to 700`),
      expect.stringContaining(`could read ${secret} (mode 644); Lakeshore has changed it to 600`),
    ])
    expect([path.dirname(secret), secret].map(readMode)).toEqual(['700', '600'])
    expect(secureHome(settings)).toEqual([])
  })

  it('are reported when a folder in which people may name locations contains the secrets', () => {
    const settings = parse({ LAKESHORE_WAREHOUSE: folder, LAKESHORE_LOCAL_ROOTS: `${folder},/srv/tables` })
    const finding = expect.stringContaining(`file://${folder} contains ${home}/secrets`)
    expect(secureHome(settings)).toEqual([finding, finding])
  })
})

/** Root can write anywhere, so permissions are tested as a user who owns nothing. */
function asUnprivilegedUser<Result>(work: () => Result): Result {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65_534)
  try {
    return work()
  } finally {
    process.seteuid?.(0)
  }
}
