import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { DamagedParquet, OversizedParquet, UnsupportedParquet, withFileName } from './errors'

const fail = (error: unknown) =>
  withFileName('lake/a.parquet', () => {
    throw error
  })

describe('An error of decoding', () => {
  it.each([
    [new DamagedParquet('the page is torn'), 'file-damaged'],
    [new UnsupportedParquet('the page is encrypted'), 'not-supported'],
    [new OversizedParquet('the page is huge'), 'too-large'],
  ] as const)('names the file and keeps its reason: %s', async (error, code) => {
    await expect(fail(error)).rejects.toMatchObject({
      code,
      message: `lake/a.parquet: ${error.message}`,
      facts: { file: 'lake/a.parquet' },
    })
  })

  it('is damage of the file when a length in it reaches beyond its bytes', async () => {
    const cause = await Promise.resolve()
      .then(() => new DataView(new ArrayBuffer(2)).getInt32(0))
      .catch((error: unknown) => error)
    await expect(fail(cause)).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'lake/a.parquet' }, cause })
  })

  it.each([new AppError('forbidden', 'not yours'), new TypeError('a defect of ours')])(
    'of another kind stays as it is: %s',
    async (error) => {
      await expect(fail(error)).rejects.toBe(error)
    },
  )
})

it('A decode that succeeds gives its result, whether it waits or not', async () => {
  expect(await withFileName('a', () => 7)).toBe(7)
  expect(await withFileName('a', async () => 8)).toBe(8)
})
