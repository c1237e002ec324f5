import type { RowsRequest } from './row-messages'
import { rowServer } from './serve-rows'

const serve = rowServer((message) => self.postMessage(message))
self.addEventListener('message', ({ data }: MessageEvent<RowsRequest>) => serve(data))
