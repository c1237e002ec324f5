import { useSyncExternalStore } from 'react'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { noteUploads } from './begun-uploads'
import type { PageUpload } from './page-upload'
import { UploadStore } from './upload-store'

const NO_UPLOADS: readonly PageUpload[] = []

/** One for all pages of the console, so that an upload goes on while its user looks at another page. */
let current: { userId: string; store: UploadStore } | null = null

/**
 * The uploads of this browser tab. They end with it or with a sign-out, and the server stores what has arrived.
 */
export function useUploads(userId: string): { store: UploadStore; uploads: readonly PageUpload[] } {
  const store = uploadsOf(userId)
  const uploads = useSyncExternalStore(store.subscribe, store.getSnapshot, () => NO_UPLOADS)
  return { store, uploads }
}

function uploadsOf(userId: string): UploadStore {
  if (current?.userId === userId) return current.store
  // A server renders pages of many users, and uploads nothing.
  if (typeof window === 'undefined') return new UploadStore({ userId, endpoint: UPLOADS_PATH })
  void current?.store.stop()
  const store = new UploadStore({ userId, endpoint: new URL(UPLOADS_PATH, window.location.origin).href })
  current = { userId, store }
  noteUploads()
  return store
}

runBeforeSignOut(() => {
  void current?.store.stop()
  current = null
})
