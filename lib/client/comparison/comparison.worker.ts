import { createBrowserPageCodecs } from '../codecs/browser-page-codecs'
import type { ComparisonRequest } from './comparison-messages'
import { createComparisonServer } from './serve-comparison'

const serve = createComparisonServer((message) => self.postMessage(message), { codecs: createBrowserPageCodecs() })
self.addEventListener('message', ({ data }: MessageEvent<ComparisonRequest>) => void serve(data))
