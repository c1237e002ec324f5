import { createBrowserPageCodecs } from '../codecs/browser-page-codecs'
import type { RowsRequest } from './row-messages'
import { createRowServer } from './serve-rows'

const serve = createRowServer((message) => self.postMessage(message), { codecs: createBrowserPageCodecs() })
self.addEventListener('message', ({ data }: MessageEvent<RowsRequest>) => serve(data))
