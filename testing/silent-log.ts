import { createLog } from '@/server/log'

/** For what a test opens by itself. */
export const SILENT_LOG = createLog('silent')
