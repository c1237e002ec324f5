import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readArguments } from '../verb'
import { MAPPING_FLAGS, readMapping } from './mapping-arguments'

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-mapping-'))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (...args: string[]) => readMapping(readArguments(args, MAPPING_FLAGS).values)

function writeMapping(text: string): string {
  const file = path.join(folder, 'mapping.json')
  writeFileSync(file, text)
  return file
}

describe('The mapping on the command line', () => {
  it('has a source for each kind of column', async () => {
    const args = ['--map', 'id=Order No.', '--map', 'note=a=b', '--set', 'country=', '--sql', 'n=a + 1 = 2']
    expect(
      await read(
        ...args,
        '--fact',
        'at=loaded-at',
        '--path-value',
        'day=dt',
        '--rest',
        'more',
        '--ignore',
        'x',
        '--ignore',
        'x',
      ),
    ).toEqual({
      columns: {
        id: { field: 'Order No.' },
        note: { field: 'a=b' },
        country: { value: '' },
        n: { sql: 'a + 1 = 2' },
        at: { fact: 'loaded-at' },
        day: { pathValue: 'dt' },
        more: { rest: true },
      },
      ignoredFields: ['x'],
    })
    expect(await read()).toBeNull()
  })

  it('is read from a file, and completed by the other options', async () => {
    const file = writeMapping('{"columns":{"id":{"field":"n"},"none":{"value":null}},"ignoredFields":["x"]}')
    const mapping = await read('--mapping', file, '--set', 'a=1', '--ignore', 'y')
    expect(Object.entries(mapping?.columns ?? {})).toEqual([
      ['id', { field: 'n' }],
      ['none', { value: null }],
      ['a', { value: '1' }],
    ])
    expect(mapping?.ignoredFields).toEqual(['x', 'y'])
    await expect(read('--mapping', file, '--map', 'id=m')).rejects.toThrow('the column "id" has two sources')
  })

  it.each([
    [['--map', 'id'], '--map takes a column and its source, such as --map \'id=Order No.\', not "id"'],
    [['--set', '=x'], '--set takes a column and its source'],
    [['--map', 'id='], 'The field `columns.id.field` must be text that is not empty'],
    [['--fact', 'id=lines'], '--fact is one of file-name, line, loaded-at, not "lines"'],
    [['--map', 'id=a', '--set', 'id=b'], 'the column "id" has two sources'],
    [['--sql', `id=${'x'.repeat(10_001)}`], 'The field `columns.id.sql` must be text of at most 10000'],
    [['--ignore', ''], 'a field without a name has that of its position: --ignore column1 for the first one'],
  ])('is refused: %j', async (args, message) => {
    await expect(read(...args)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(message) })
  })

  it.each([
    ['{', 'invalid-request', 'mapping.json is not JSON: '],
    ['[]', 'invalid-request', 'mapping.json is not a mapping. The whole must be an object, not a list.'],
    ['{"columns":{}}', 'invalid-request', 'mapping.json is not a mapping. The field `ignoredFields` is missing'],
    [
      '{"columns":{"id":{"sql":1}},"ignoredFields":[]}',
      'invalid-request',
      'The field `columns.id` is not valid: A source is an object with one member',
    ],
    ['{"columns":{},"ignoredFields":[],"more":1}', 'invalid-request', 'The whole must be an object without `more`.'],
    [' '.repeat(4 * 1024 * 1024 + 1), 'too-large', 'mapping.json is larger than 4'],
  ])('of a file is refused with the file and the path in it', async (text, code, message) => {
    const error = await read('--mapping', writeMapping(text)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('is refused if its file is missing, or a folder', async () => {
    await expect(read('--mapping', path.join(folder, 'none'))).rejects.toMatchObject({ code: 'file-missing' })
    await expect(read('--mapping', folder)).rejects.toMatchObject({ code: 'file-missing' })
  })
})
