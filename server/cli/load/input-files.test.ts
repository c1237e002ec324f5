import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { createTestHome } from '@/testing/homes/test-home'
import { findInputs } from './input-files'
import { resolveFormat } from './input-format'

const home = createTestHome()
const find = async (...texts: string[]) => {
  const given = texts.map((file) => ({ file }))
  const inputs = await findInputs(home.services, given, new AbortController().signal)
  return inputs.map((input) => ('location' in input ? input.location : input))
}

function newFolder(...names: string[]): string {
  const folder = mkdtempSync(path.join(home.config.homeDir, 'in '))
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), 'id\n1\n')
  }
  return folder
}

describe('The files of a load', () => {
  it('are those below a folder, in the order of their paths, without hidden ones and links', async () => {
    const folder = newFolder('b.csv', 'a/2.csv', 'a/10.csv', '_SUCCESS', '.a.csv.crc', '_temporary/c.csv', 'ü #%.csv')
    symlinkSync(path.join(folder, 'b.csv'), path.join(folder, 'link.csv'))
    const other = path.join(newFolder('z.csv'), 'z.csv')
    expect(await find(other, folder)).toEqual([
      `file://${other}`,
      ...['a/10.csv', 'a/2.csv', 'b.csv', 'ü #%.csv'].map((name) => `file://${folder}/${name}`),
    ])
    expect(await find(`file://${folder}/a/`)).toHaveLength(2)
  })

  it('are not given twice', async () => {
    const folder = newFolder('a.csv')
    await expect(find(folder, path.join(folder, 'a.csv'))).rejects.toThrow('a.csv is given twice')
  })

  it('are at most as many as one load has', async () => {
    const names = Array.from({ length: MAX_LOADED_FILES }, (_, i) => `${i}.csv`)
    const folder = newFolder(...names)
    expect(await find(folder)).toHaveLength(MAX_LOADED_FILES)
    writeFileSync(path.join(folder, 'one-more.csv'), '')
    await expect(find(folder)).rejects.toThrow('a load has at most 1000 files')
  })

  it('are missing in an empty folder', async () => {
    await expect(find(newFolder())).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('are in the store of the warehouse, or on this machine', async () => {
    await expect(find('s3://other/a.csv')).rejects.toMatchObject({ code: 'location-refused' })
    await expect(find('s3://other/folder/')).rejects.toMatchObject({ code: 'location-refused' })
    expect(await find('/nowhere/a.csv', '/nowhere/a.csv/b.csv')).toHaveLength(2)
  })
})

describe('The format of files', () => {
  it.each([
    [undefined, ['a.csv', 'b.TSV', 'c.csv.gz'], 'csv'],
    [undefined, ['a.jsonl.zst', 'b.ndjson'], 'ndjson'],
    [undefined, ['a.json.gz'], 'json'],
    [undefined, ['a.parq', 'b.parquet'], 'parquet'],
    [undefined, ['a.avro', 'b.AVRO'], 'avro'],
    [undefined, ['a.arrow', 'b.arrows', 'c.feather', 'd.ipc'], 'arrow'],
    ['csv', ['a.txt', 'b.json'], 'csv'],
  ] as const)('%s, %j is %s', (given, files, format) => {
    expect(resolveFormat(given, files)).toBe(format)
  })

  it.each([
    [undefined, ['a.txt'], 'the format of a.txt is not clear'],
    [undefined, ['a.parquet.gz'], 'the format of a.parquet.gz is not clear'],
    [undefined, ['a.csv', 'in/b.json'], 'a.csv is csv and b.json is json'],
    ['xml', ['a.csv'], '--format is one of'],
  ] as const)('%s, %j is refused', (given, files, message) => {
    expect(() => resolveFormat(given, files)).toThrow(message)
  })
})
