import type { InspectionRequest } from './inspection-messages'
import { createInspectionServer } from './serve-inspection'

const serve = createInspectionServer((message) => self.postMessage(message))
self.addEventListener('message', ({ data }: MessageEvent<InspectionRequest>) => serve(data))
