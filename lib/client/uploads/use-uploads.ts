import { useEffect, useState, useSyncExternalStore } from 'react'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import type { PageUpload } from './page-upload'
import { UploadStore } from './upload-store'

const NO_UPLOADS: readonly PageUpload[] = []

/**
 * The uploads of a page: the store lives as long as the component. Leaving the page stops them, and the server stores
 * what has arrived.
 */
export function useUploads(userId: string): { store: UploadStore; uploads: readonly PageUpload[] } {
  const [store] = useState(
    () =>
      new UploadStore({
        userId,
        endpoint: typeof window === 'undefined' ? UPLOADS_PATH : new URL(UPLOADS_PATH, window.location.origin).href,
      }),
  )
  useEffect(() => () => void store.stop(), [store])
  const uploads = useSyncExternalStore(store.subscribe, store.getSnapshot, () => NO_UPLOADS)
  return { store, uploads }
}
