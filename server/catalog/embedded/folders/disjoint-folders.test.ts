import { expect, test } from 'vitest'
import { requireDisjointFolders } from './folder-ownership'

test('Changes of one transaction claim no folder twice, and none inside another', () => {
  const check =
    (...folders: string[][]) =>
    () =>
      requireDisjointFolders(folders)
  const taken = expect.objectContaining({ code: 'already-exists' })
  expect(check(['s3://b/t'], ['s3://b/t'])).toThrow(taken)
  expect(check(['s3://b/t/inside'], ['s3://b/other'], ['s3://b/t'])).toThrow(taken)
  expect(check(['s3://b/t', 's3://b/t/metadata'], ['s3://b/t2'])).not.toThrow()
})
