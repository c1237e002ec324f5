import type { ObjectStore } from '@/server/storage/object-store'

/** A store for a test: it takes every location and can do what is given, and nothing else. */
export function testStore(able: Partial<ObjectStore>): ObjectStore {
  return {
    checkLocation() {},
    read: unable('read'),
    stream: unable('stream'),
    sizeBytes: unable('sizeBytes'),
    writeNew: unable('writeNew'),
    importFile: unable('importFile'),
    listNames: unable('listNames'),
    hasFiles: unable('hasFiles'),
    remove: unable('remove'),
    removeEmptyFolder: unable('removeEmptyFolder'),
    ...able,
  }
}

function unable(what: string): () => Promise<never> {
  return async () => {
    throw new Error(`This test's store cannot ${what}`)
  }
}
