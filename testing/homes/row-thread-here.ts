import { createRowThread } from '@/server/table/rows/read-in-thread'
import type { StartRowThread } from '@/server/table/rows/start-row-thread'

/** Does the work of the thread of rows in this thread, because it is not bundled. Messages are copied as between threads. */
export const startRowThreadHere: StartRowThread = ({ onMessage }) => {
  let hasEnded = false
  const handle = createRowThread((message, transfer) => {
    const copy = structuredClone(message, { transfer: [...transfer] })
    setImmediate(() => hasEnded || onMessage(copy))
  })
  return {
    post: (message, transfer) => {
      const copy = structuredClone(message, { transfer: [...transfer] })
      setImmediate(() => hasEnded || handle(copy))
    },
    end: () => {
      hasEnded = true
    },
  }
}
