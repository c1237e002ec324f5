import { readSnapshotFile } from '@/lib/contract/table/files-bytes'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(readSnapshotFile)
