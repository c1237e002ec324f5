import 'server-only'
import type { HistoryTableName } from '@/lib/facts/history-table-names'
import { COLUMNS_DAILY } from './columns-daily'
import { COMMITS } from './commits'
import { FILES_DAILY } from './files-daily'
import type { HistoryTable } from './history-table'

export const HISTORY_TABLES: Readonly<Record<HistoryTableName, HistoryTable>> = {
  commits: COMMITS,
  files_daily: FILES_DAILY,
  columns_daily: COLUMNS_DAILY,
}
