import { createBrowserPageCodecs } from '../codecs/browser-page-codecs'
import type { InspectionRequest } from './inspection-messages'
import { createInspectionServer } from './serve-inspection'

const serve = createInspectionServer((message) => self.postMessage(message), { codecs: createBrowserPageCodecs() })
self.addEventListener('message', ({ data }: MessageEvent<InspectionRequest>) => serve(data))
