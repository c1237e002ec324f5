import type { RowsRequest } from './row-messages'
import { createRowServer } from './serve-rows'

const serve = createRowServer((message) => self.postMessage(message))
self.addEventListener('message', ({ data }: MessageEvent<RowsRequest>) => serve(data))
