import { describe, expect, it } from 'vitest'
import { createTestStaging } from '@/testing/ingest/test-staging'
import { outcomeOf } from '@/testing/odd-files/doors'
import { ODD_FILES, type OddFile } from '@/testing/odd-files/odd-files'

/** Odd files as the input of a load. */

const staging = createTestStaging()
const oddFile = (kind: string): OddFile => {
  const found = ODD_FILES.find((file) => file.kind.startsWith(kind))
  if (!found) throw new Error(`no odd file has ${kind}`)
  return found
}

async function load({ bytes, fields }: OddFile, names: readonly string[]): Promise<unknown[][]> {
  const columns = fields.filter(({ name }) => names.includes(name))
  const staged = await staging.stage('parquet', bytes ?? new Uint8Array(), columns, { ignoreExtra: true })
  return await staging.rows(staged)
}

const WHOLE = [
  'columns of nulls without a type, in',
  'a column of nulls without a type',
  'pages of version 2',
  'a page of version 2',
  'half floats',
  'bounds',
].map(oddFile)

describe.each(WHOLE)('$kind', (file) => {
  it.skipIf(file.bytes === null)('is loaded (skipped if the file is not there)', async () => {
    const names = file.fields.map(({ name }) => name)
    const rows = await load(file, names)
    expect(rows.map(([id]) => String(id))).toEqual(file.readable['id'])
    for (const [i, name] of names.entries())
      expect(rows.map((row) => row[i] === null)).toEqual(file.readable[name]?.map((cell) => cell === null))
  })
})

/** By the kind of the file: the reason, and whether the other columns can be loaded. */
const REFUSED = [
  ['an encrypted column', 'is encrypted', true],
  ['LZO', 'is compressed with LZO', true],
  ['old LZ4', 'is compressed with the older LZ4 of Hadoop', true],
  ['an unknown codec', 'is compressed with the codec 9', false],
  ['an unknown encoding', 'uses the encoding 10', false],
] as const

describe.each(REFUSED)('%s', (kind, reason, leavesOthers) => {
  it('is refused with the column and the reason', async () => {
    const message = `Column odd of the file ${reason}, which loads cannot read.`
    const refusal = { code: 'not-supported', message, hint: expect.stringContaining('Write the file again') }
    const others = ['1,a', '2,b', '3,c'].map((row) => row.split(','))
    expect(await outcomeOf(() => load(oddFile(kind), ['id', 'odd', 'note']))).toEqual(refusal)
    expect(await outcomeOf(() => load(oddFile(kind), ['id', 'note']))).toEqual(leavesOthers ? others : refusal)
  })
})
