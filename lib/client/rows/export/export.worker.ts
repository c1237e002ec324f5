import { createBrowserPageCodecs } from '../../codecs/browser-page-codecs'
import type { ExportRequest } from './export-messages'
import { createExportServer } from './serve-export'

const serve = createExportServer((message, transfer) => self.postMessage(message, { transfer }), {
  codecs: createBrowserPageCodecs(),
})
self.addEventListener('message', ({ data }: MessageEvent<ExportRequest>) => serve(data))
