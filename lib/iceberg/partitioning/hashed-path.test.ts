import { expect, it } from 'vitest'
import { hashFolders, nameWithoutHash } from './hashed-path'

it.each([
  // The known answers of the reference implementation's `TestLocationProvider`.
  ['a', '0101/0110/1001/10110010'],
  ['b', '1110/0111/1110/00000011'],
  ['c', '0010/1101/0110/01011111'],
  ['d', '1001/0001/0100/01110011'],
])('A hashed path spreads %s as Java does', (path, folders) => {
  expect(hashFolders(path)).toBe(folders)
})

it('A hashed path has all its digits, whatever their value', () => {
  for (let i = 0; i < 2_000; i += 1)
    expect(hashFolders(`f${i}.parquet`)).toMatch(/^[01]{4}\/[01]{4}\/[01]{4}\/[01]{8}$/)
})

it('A name is found behind its hash, and stays as it is without one', () => {
  expect(nameWithoutHash('10110010-run-1.parquet')).toBe('run-1.parquet')
  expect(nameWithoutHash('20110010-run-1.parquet')).toBe('20110010-run-1.parquet')
  expect(nameWithoutHash('run-10110010-1.parquet')).toBe('run-10110010-1.parquet')
})
