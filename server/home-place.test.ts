import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from './config'
import { writePlace } from './home-place'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-place-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => path.join(folder, name)
const configAt = (name: string, more: Record<string, string> = {}) => parseConfig({ LAKESHORE_HOME: at(name), ...more })
const placeOf = (name: string): unknown => JSON.parse(readFileSync(path.join(at(name), 'home.json'), 'utf8'))

describe('A home', () => {
  it('remembers where it is, in a file for its owner alone', () => {
    configAt('home')
    expect(placeOf('home')).toEqual({ home: at('home'), warehouse: `file://${at('home')}/warehouse` })
    expect(statSync(path.join(at('home'), 'home.json')).mode & 0o777).toBe(0o600)
  })

  it('that was moved is refused with both places and every way out, and is left as it is', () => {
    configAt('home')
    renameSync(at('home'), at('moved'))
    const before = placeOf('moved')
    let said = ''
    try {
      configAt('moved')
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      said = error.message
    }
    expect(said).toContain(`was at ${at('home')} when it was last used, and is at ${at('moved')} now`)
    expect(said).toContain(`mv ${at('moved')} ${at('home')}`)
    expect(said).toContain(`ln -s ${at('moved')} ${at('home')}`)
    expect(said).toContain(`LAKESHORE_HOME=${at('moved')} npm run lakeshore -- home follow`)
    expect(placeOf('moved')).toEqual(before)
  })

  it('that was moved and put back is as before', () => {
    const before = configAt('home')
    renameSync(at('home'), at('moved'))
    expect(() => configAt('moved')).toThrow(ConfigError)
    renameSync(at('moved'), at('home'))
    expect(configAt('home')).toEqual(before)
  })

  it('that was followed and put back is where its tables name their files again', () => {
    const before = configAt('home')
    renameSync(at('home'), at('moved'))
    writePlace(at('moved'), { home: at('moved'), warehouse: before.warehouse })
    expect(configAt('moved').warehouseMappings).not.toEqual([])
    renameSync(at('moved'), at('home'))
    expect(configAt('home')).toEqual(before)
    expect(configAt('home').warehouseMappings).toEqual([])
  })

  it('that a link leads to from its old place keeps the names of its files by either path', () => {
    const { warehouse } = configAt('home')
    renameSync(at('home'), at('moved'))
    symlinkSync(at('moved'), at('home'))
    expect(configAt('home')).toMatchObject({ warehouse, warehouseMappings: [] })
    expect(configAt('moved')).toMatchObject({
      warehouse,
      storage: { roots: [`file://${at('moved')}/warehouse`] },
      warehouseMappings: expect.arrayContaining([{ from: warehouse, to: `file://${at('moved')}/warehouse` }]),
    })
  })

  it('whose warehouse is elsewhere may be anywhere', () => {
    const LAKESHORE_WAREHOUSE = at('warehouse')
    configAt('home', { LAKESHORE_WAREHOUSE })
    renameSync(at('home'), at('moved'))
    expect(configAt('moved', { LAKESHORE_WAREHOUSE })).toMatchObject({
      warehouse: `file://${at('warehouse')}`,
      warehouseMappings: [],
    })
  })

  it.each(['', '{', '{"home": 1}', '{"home": "/x", "warehouse": "s3://y"}'])(
    'whose memory is damaged is refused, naming the file (%j)',
    (text) => {
      mkdirSync(at('home'))
      writeFileSync(path.join(at('home'), 'home.json'), text)
      expect(() => configAt('home')).toThrow(`${at('home')}/home.json is damaged`)
    },
  )
})
