import { createLog } from '@/server/log'

/** For services that a test creates itself. */
export const SILENT_LOG = createLog('silent')
