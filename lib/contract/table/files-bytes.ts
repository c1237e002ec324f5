import * as z from 'zod'
import { endpoint } from '../endpoint'
import { DELETE_BYTES_PATH, FILE_BYTES_PATH, SNAPSHOT_FILE_BYTES_PATH } from '../shapes/plain-values'
import { snapshotFileFields } from '../shapes/snapshot-file'
import { scanToken } from './scan'
import { intInQuery, tableAsOfInput } from '../shapes/wire'

export const readFileBytes = endpoint({
  summary: 'Returns the bytes of a file of a planned scan, or one range of them',
  description:
    'The token comes from a scan plan, and the index from its files. The token names the table, the snapshot and the caller, whose permission `table:read` is checked again.',
  method: 'GET',
  path: FILE_BYTES_PATH,
  permission: 'signed-in',
  input: z.object({ token: scanToken, index: intInQuery }),
  output: 'bytes',
})

export const readDeleteFileBytes = endpoint({
  summary: 'Returns the bytes of a delete file of a planned scan, or one range of them',
  description:
    'The token comes from a scan plan, and the index from its delete files. The token names the table, the snapshot and the caller, whose permission `table:read` is checked again.',
  method: 'GET',
  path: DELETE_BYTES_PATH,
  permission: 'signed-in',
  input: z.object({ token: scanToken, index: intInQuery }),
  output: 'bytes',
})

export const readSnapshotFile = endpoint({
  summary: 'Returns the bytes of a data or delete file that a snapshot references, or one range of them',
  description:
    'Only files that a manifest of the snapshot lists are returned. With the manifest the request is faster, because only that one is read.',
  method: 'GET',
  path: SNAPSHOT_FILE_BYTES_PATH,
  permission: 'table:read',
  input: tableAsOfInput.extend(snapshotFileFields),
  output: 'bytes',
})
