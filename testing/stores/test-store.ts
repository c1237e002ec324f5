import type { ObjectStore } from '@/server/storage/object-store'

/** A store for a test: it accepts every location, and supports only the given methods. */
export function createTestStore(methods: Partial<ObjectStore>): ObjectStore {
  return {
    checkLocation() {},
    read: unsupported('read'),
    stream: unsupported('stream'),
    sizeBytes: unsupported('sizeBytes'),
    readVersion: unsupported('readVersion'),
    writeNew: unsupported('writeNew'),
    importFile: unsupported('importFile'),
    copyNew: unsupported('copyNew'),
    listNames: unsupported('listNames'),
    listFolder: unsupported('listFolder'),
    hasFiles: unsupported('hasFiles'),
    remove: unsupported('remove'),
    removeEmptyFolder: unsupported('removeEmptyFolder'),
    ...methods,
  }
}

function unsupported(method: string): () => Promise<never> {
  return async () => {
    throw new Error(`This test's store cannot ${method}`)
  }
}
