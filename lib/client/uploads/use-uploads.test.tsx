import { act, renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { runSignOutTasks } from '../session/sign-out-tasks'
import { clearStoredUploads, fingerprintFile, storedUploads } from './stored-uploads'
import { useUploads } from './use-uploads'

const TARGET = { catalog: 'local', namespace: ['a'], table: 't' }
const address = (id: string) => ({
  uploadUrl: `http://test/api/v1/uploads/${id}`,
  size: 1,
  metadata: {},
  creationTime: '',
  urlStorageKey: '',
  parallelUploadUrls: null,
})

it('Uploads stay while their user goes to another page, and end with a sign-out', () => {
  const { result, unmount } = renderHook(() => useUploads('u'))
  expect(result.current.uploads).toEqual([])
  act(() => void result.current.store.add([new File([], 'a.csv')], TARGET))
  expect(result.current.uploads).toMatchObject([{ fileName: 'a.csv', target: TARGET }])
  unmount()
  expect(renderHook(() => useUploads('u')).result.current.uploads).toMatchObject([{ fileName: 'a.csv' }])
  act(runSignOutTasks)
  expect(result.current.store.getSnapshot()).toEqual([])
  expect(renderHook(() => useUploads('u')).result.current.uploads).toEqual([])
})

it('The addresses of uploads are those of a user, of one file for one table, until the user signs out', async () => {
  const file = new File(['x'], 'a.csv', { lastModified: 1 })
  const fingerprint = await fingerprintFile(file, TARGET)
  expect(await fingerprintFile(file, { ...TARGET, table: 'other' })).not.toBe(fingerprint)
  for (const changed of [
    new File(['x'], 'a.csv', { lastModified: 2 }),
    new File(['y'], 'a.csv', { lastModified: 1 }),
    new File(['xx'], 'a.csv', { lastModified: 1 }),
  ])
    expect(await fingerprintFile(changed, TARGET)).not.toBe(fingerprint)
  const mine = storedUploads('mine')
  await mine.addUpload(fingerprint, address('1'))
  await mine.addUpload(fingerprint, address('2'))
  await storedUploads('other').addUpload(fingerprint, address('3'))
  const urls = async (userId: string) =>
    (await storedUploads(userId).findUploadsByFingerprint(fingerprint)).map(({ uploadUrl }) => uploadUrl)
  expect(await urls('mine')).toEqual([address('1').uploadUrl, address('2').uploadUrl])
  expect(localStorage.getItem('lakeshore.uploads.mine')).toContain('uploads/1')
  const [first] = await mine.findAllUploads()
  await mine.removeUpload(first?.urlStorageKey ?? '')
  expect(await urls('mine')).toEqual([address('2').uploadUrl])
  clearStoredUploads('mine')
  expect(await urls('mine')).toEqual([])
  expect(localStorage.getItem('lakeshore.uploads.mine')).toBeNull()
  expect(await urls('other')).toEqual([address('3').uploadUrl])
})
