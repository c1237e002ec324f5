import type { PageCase } from '../page-case'
import { ACCESS_CASES } from './access-cases'
import { CHANGE_CASES } from './change-cases'
import { CONNECTION_CASES } from './connection-cases'
import { FILE_CASES } from './file-cases'
import { LAKE_CASES } from './lake-cases'
import { LOAD_CASES } from './load-cases'
import { SESSION_CASES } from './session-cases'
import { SNAPSHOT_CASES } from './snapshot-cases'
import { TABLE_CASES } from './table-cases'
import { VIEW_CASES } from './view-cases'
import { WORK_CASES } from './work-cases'

/** Every page in every state that is examined and captured. */
export const PAGE_CASES: readonly PageCase[] = [
  ...SESSION_CASES,
  ...LAKE_CASES,
  ...TABLE_CASES,
  ...SNAPSHOT_CASES,
  ...FILE_CASES,
  ...VIEW_CASES,
  ...LOAD_CASES,
  ...WORK_CASES,
  ...CONNECTION_CASES,
  ...ACCESS_CASES,
  ...CHANGE_CASES,
]
