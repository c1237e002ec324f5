import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from './config'
import { describeOtherHome, writeHomeLocation } from './home-location'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-place-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const pathOf = (name: string) => path.join(folder, name)
const parseConfigAt = (name: string, settings: Record<string, string> = {}) =>
  parseConfig({ LAKESHORE_HOME: pathOf(name), ...settings })
const readStoredLocation = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(pathOf(name), 'home.json'), 'utf8'))

describe('A home', () => {
  it('stores where it is, in a file that only its owner can read', () => {
    parseConfigAt('home')
    expect(readStoredLocation('home')).toEqual({
      home: pathOf('home'),
      warehouse: `file://${pathOf('home')}/warehouse`,
    })
    expect(statSync(path.join(pathOf('home'), 'home.json')).mode & 0o777).toBe(0o600)
  })

  it('that was moved is refused with both locations and every remedy, and is unchanged', () => {
    parseConfigAt('home')
    renameSync(pathOf('home'), pathOf('moved'))
    const before = readStoredLocation('moved')
    let message = ''
    try {
      parseConfigAt('moved')
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      message = error.message
    }
    expect(message).toContain(`was at ${pathOf('home')} when it was last used, and is at ${pathOf('moved')} now`)
    expect(message).toContain(`mv ${pathOf('moved')} ${pathOf('home')}`)
    expect(message).toContain(`ln -s ${pathOf('moved')} ${pathOf('home')}`)
    expect(message).toContain(`LAKESHORE_HOME=${pathOf('moved')} npm run lakeshore -- home follow`)
    expect(readStoredLocation('moved')).toEqual(before)
  })

  it('that was moved and moved back works as before', () => {
    const before = parseConfigAt('home')
    renameSync(pathOf('home'), pathOf('moved'))
    expect(() => parseConfigAt('moved')).toThrow(ConfigError)
    renameSync(pathOf('moved'), pathOf('home'))
    expect(parseConfigAt('home')).toEqual(before)
  })

  it('that was followed and moved back is again where its tables name their files', () => {
    const before = parseConfigAt('home')
    renameSync(pathOf('home'), pathOf('moved'))
    writeHomeLocation(pathOf('moved'), { home: pathOf('moved'), warehouse: before.warehouse })
    expect(parseConfigAt('moved').warehouseMappings).not.toEqual([])
    renameSync(pathOf('moved'), pathOf('home'))
    expect(parseConfigAt('home')).toEqual(before)
    expect(parseConfigAt('home').warehouseMappings).toEqual([])
  })

  it('that was moved and linked from its old path keeps its table locations by either path', () => {
    const { warehouse } = parseConfigAt('home')
    renameSync(pathOf('home'), pathOf('moved'))
    symlinkSync(pathOf('moved'), pathOf('home'))
    expect(parseConfigAt('home')).toMatchObject({ warehouse, warehouseMappings: [] })
    expect(parseConfigAt('moved')).toMatchObject({
      warehouse,
      storage: { roots: [`file://${pathOf('moved')}/warehouse`] },
      warehouseMappings: expect.arrayContaining([{ from: warehouse, to: `file://${pathOf('moved')}/warehouse` }]),
    })
  })

  it('whose tables name files of another home warns of that, but not of its own folder', () => {
    const { warehouse } = parseConfigAt('home')
    mkdirSync(pathOf('copy'))
    writeHomeLocation(pathOf('copy'), { home: pathOf('copy'), warehouse })
    expect(describeOtherHome(parseConfigAt('home'))).toBeNull()
    expect(describeOtherHome(parseConfigAt('copy'))).toContain(`${pathOf('home')} is another home`)
    rmSync(pathOf('home'), { recursive: true })
    expect(describeOtherHome(parseConfigAt('copy'))).toBeNull()
    symlinkSync(pathOf('copy'), pathOf('home'))
    expect(describeOtherHome(parseConfigAt('copy'))).toBeNull()
  })

  it('with its warehouse elsewhere may be moved anywhere', () => {
    const LAKESHORE_WAREHOUSE = pathOf('warehouse')
    parseConfigAt('home', { LAKESHORE_WAREHOUSE })
    renameSync(pathOf('home'), pathOf('moved'))
    expect(parseConfigAt('moved', { LAKESHORE_WAREHOUSE })).toMatchObject({
      warehouse: `file://${pathOf('warehouse')}`,
      warehouseMappings: [],
    })
  })

  it.each(['', '{', '{"home": 1}', '{"home": "/x", "warehouse": "s3://y"}'])(
    'with a damaged location file is refused, naming the file (%j)',
    (text) => {
      mkdirSync(pathOf('home'))
      writeFileSync(path.join(pathOf('home'), 'home.json'), text)
      expect(() => parseConfigAt('home')).toThrow(`${pathOf('home')}/home.json is damaged`)
    },
  )
})
